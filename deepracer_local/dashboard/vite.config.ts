import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `deepracer-local serve` listens, for `npx vite` while working on the page. */
const SERVICE = "http://127.0.0.1:8321";

export default defineConfig({
  plugins: [react()],
  build: {
    // The content security policy allows pictures as data:, but no fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    // A polyfill would be for browsers that cannot run the rest either.
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/api": { target: SERVICE, ws: true },
      "/login": SERVICE,
      "/readyz": SERVICE,
    },
  },
});
