// Sets the colour scheme before the page is drawn. The key is the one that src/app/theme.ts writes.
(() => {
  let chosen = null;
  try {
    chosen = window.localStorage.getItem("pitwall-color-scheme");
  } catch {
    // Storage can be forbidden; the system's scheme is used then.
  }
  const dark =
    chosen === "dark" || (chosen !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
