import { defineConfig } from "@playwright/test";

/** The distribution's Chromium; nothing is ever downloaded. */
const CHROMIUM = process.env.PITWALL_CHROMIUM ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: false,
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  // The same on every system.
  snapshotPathTemplate: "{testDir}/snapshots/{arg}{ext}",
  use: {
    browserName: "chromium",
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    viewport: { width: 1440, height: 900 },
    // A trace keeps the whole page at every step, which takes longer than the tests themselves.
    trace: process.env.PITWALL_TRACE ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    // What the page does with the answers it gets: made-up answers, every state.
    { name: "page", testDir: "tests/page" },
    // What the program says: the real binary, known data, known figures.
    { name: "server", testDir: "tests/server" },
  ],
});
