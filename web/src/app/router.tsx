/** Pages and their addresses. */

import { createRootRoute, createRoute, createRouter, Link, lazyRouteComponent } from "@tanstack/react-router";
import { parseSearch, type RawSearch, searchOf, stringifySearch } from "../view/view";
import { Frame } from "./Frame";
import { askAgain, askFirst } from "./firstQuestions";
import { PAGES } from "./pages";

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NotFound,
  // What every page shows is read in one place, so that it travels from page to page.
  validateSearch: searchOf,
});

const routes = PAGES.map(({ path, load, asks = [], fixes = () => ({}) }) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(load),
    loader: ({ location, params }) => askFirst(asks, location.search as RawSearch, fixes(params)),
  }),
);

export const router = createRouter({
  routeTree: root.addChildren(routes),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  scrollRestoration: true,
});

// Drawing a page with what was known before takes a while, in which its new figures are already on their way.
router.subscribe("onBeforeNavigate", ({ fromLocation, toLocation, pathChanged }) => {
  if (fromLocation && !pathChanged) {
    askAgain(fromLocation.search as RawSearch, toLocation.search as RawSearch);
  }
});

function NotFound() {
  return (
    <div>
      <h1>There is no such page</h1>
      <p>
        The address may be from another version. <Link to="/">Go to the Overview</Link>
      </p>
    </div>
  );
}
