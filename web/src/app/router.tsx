/** Pages and their addresses. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  type SearchSchemaInput,
} from "@tanstack/react-router";
import { ConnectPage } from "../pages/connect/ConnectPage";
import { OverviewPage } from "../pages/overview/OverviewPage";
import { Frame } from "./Frame";
import { type OverviewSearch, overviewSearch } from "./search";

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });

const overviewRoute = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: (raw: Partial<OverviewSearch> & SearchSchemaInput) => overviewSearch(raw),
  component: OverviewPage,
});

const connectRoute = createRoute({ getParentRoute: () => root, path: "/connect", component: ConnectPage });

export const router = createRouter({
  routeTree: root.addChildren([overviewRoute, connectRoute]),
  defaultPreload: false,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

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
