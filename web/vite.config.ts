import { writeFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** The server the development page talks to: a running `pitwall serve`, or the mock. */
const api = process.env.PITWALL_API ?? "http://127.0.0.1:4318";

/** Emptying `dist` also takes the placeholder that keeps the folder in git, so that a build without Node works. */
function keepPlaceholder(): Plugin {
  return { name: "keep-placeholder", apply: "build", closeBundle: () => writeFileSync("dist/.gitkeep", "") };
}

export default defineConfig({
  plugins: [react(), keepPlaceholder()],
  build: {
    target: "es2022",
    // No `data:` fonts or scripts: everything is a file that the content security policy allows as 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": { target: api, changeOrigin: false } } },
});
