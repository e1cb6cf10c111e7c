import { writeFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** The server the development page talks to: a running `pitwall serve`, or the mock. */
const api = process.env.PITWALL_API ?? "http://127.0.0.1:4318";

/** Emptying `dist` also takes the placeholder that keeps the folder in git, so that a build without Node works. */
function keepPlaceholder(): Plugin {
  return { name: "keep-placeholder", apply: "build", closeBundle: () => writeFileSync("dist/.gitkeep", "") };
}

/** What at least three pages may share: everything that is no page, and what the bundler adds itself. */
const SHARED = /src[\\/](api|charts|format|parts|view)[\\/]|node_modules|preload-helper/;
/** Only where there is a chart. */
const CHARTS = /node_modules[\\/](echarts|zrender)[\\/]|src[\\/]charts[\\/](Chart|Day|days)/;

export default defineConfig({
  plugins: [react(), keepPlaceholder()],
  build: {
    target: "es2022",
    // No `data:` fonts or scripts: everything is a file that the content security policy allows as 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // What pages share is fetched once, beside the entry. Left to itself the bundler makes a file of each module
        // that two pages share, and a page waits for forty of them.
        codeSplitting: {
          groups: [
            // First, since a group takes along what its modules lean on.
            { name: "shared", test: SHARED, minShareCount: 3, priority: 2 },
            { name: "charts", test: CHARTS, priority: 1 },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": { target: api, changeOrigin: false } } },
});
