/** Which pages there are. */

/** Every page by its address; those of one thing of many have it put into their place. */
export const PAGES = [
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
] as const;
