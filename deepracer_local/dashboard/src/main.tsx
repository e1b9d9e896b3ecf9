import "@cloudscape-design/global-styles/index.css";
import "./styles/page.css";
import "./styles/reward.css";
import "./styles/draw.css";
import "./styles/learn-and-insight.css";
import "./styles/model.css";
import "./styles/race.css";

import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { ApiError } from "./api/client";
import { LiveProvider } from "./api/live";
import { App } from "./app";
import { NotificationsProvider } from "./shell/notifications";
import { startTheme } from "./shell/theme";

const RETRIES = 3;
const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What changes is pushed; asking again by the clock or the window would only be load.
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < RETRIES && error instanceof ApiError && [0, 503].includes(error.status),
    },
  },
});

startTheme();
const root = document.getElementById("page");
if (root === null) throw new Error("index.html has no element #page");
createRoot(root).render(
  <StrictMode>
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={client}>
        <NotificationsProvider>
          <LiveProvider>
            <App />
          </LiveProvider>
        </NotificationsProvider>
      </QueryClientProvider>
    </I18nProvider>
  </StrictMode>,
);
