/** Which page belongs to which address. Each page is loaded when it is first opened. */
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";

import { HomePage } from "./pages/home";
import { Link } from "./shell/link";
import { Shell } from "./shell/shell";
import { Empty, ErrorBoundary, Loading } from "./shell/states";

const ModelsPage = lazy(() => import("./pages/models"));
const ComparePage = lazy(() => import("./pages/compare"));
const ModelPage = lazy(() => import("./pages/model/model-page"));
const InsightPage = lazy(() => import("./pages/insight/insight-page"));
const CreatePage = lazy(() => import("./pages/create/create-page"));
const TracksPage = lazy(() => import("./pages/tracks"));
const LapsPage = lazy(() => import("./pages/laps/laps-page"));
const DrawPage = lazy(() => import("./pages/draw/draw-page"));
const LearnPage = lazy(() => import("./pages/learn/learn-page"));
const SystemPage = lazy(() => import("./pages/system"));

export function App() {
  const [path] = useLocation();
  return (
    <Shell>
      <ErrorBoundary key={path}>
        <Suspense fallback={<Loading what="the page" />}>
          <Switch>
            <Route path="/" component={HomePage} />
            <Route path="/models" component={ModelsPage} />
            <Route path="/models/compare" component={ComparePage} />
            <Route path="/models/:id/evaluations/:evaluation/insight">
              {({ id, evaluation }) => <InsightPage key={evaluation} id={id} evaluationId={evaluation} />}
            </Route>
            <Route path="/models/:id">{({ id }) => <ModelPage key={id} id={id} />}</Route>
            <Route path="/create" component={CreatePage} />
            <Route path="/laps" component={LapsPage} />
            <Route path="/tracks" component={TracksPage} />
            <Route path="/tracks/draw" component={DrawPage} />
            <Route path="/learn" component={LearnPage} />
            <Route path="/system" component={SystemPage} />
            <Route path="/index.html">
              <Redirect to="/" />
            </Route>
            <Route>
              <Empty title="There is no such page" next={<Link href="/">Go home</Link>} />
            </Route>
          </Switch>
        </Suspense>
      </ErrorBoundary>
    </Shell>
  );
}
