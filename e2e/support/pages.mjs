/** Which pages there are. Plain JavaScript, so that benches run without a compiler. */

/** Every page by its address; those of one thing of many have it put into their place. */
export const PAGES = /** @type {const} */ ([
  "/",
  "/live",
  "/cost",
  "/productivity",
  "/tools",
  "/people",
  "/people/:person",
  "/projects",
  "/projects/:project",
  "/sessions",
  "/sessions/:session",
  "/models",
  "/health",
  "/connect",
  "/settings",
]);
