/**
 * Every page of the dashboard. A page is one folder under `src/pages` whose page component is a default export,
 * and one entry here: addresses, navigation, command palette and shortcuts follow from it.
 */

import type { ComponentType } from "react";
import type { Fixed } from "../view/FixedFilters";
import type { FirstQuestion } from "./firstQuestions";
import {
  ConnectIcon,
  CostIcon,
  HealthIcon,
  LiveIcon,
  ModelsIcon,
  OverviewIcon,
  PeopleIcon,
  ProductivityIcon,
  ProjectsIcon,
  SessionsIcon,
  SettingsIcon,
  ToolsIcon,
} from "./icons";

export interface Page {
  /** The address, such as `/sessions/$session`. */
  readonly path: string;
  /** The page's component, fetched when the page is first shown. */
  readonly load: () => Promise<{ readonly default: ComponentType }>;
  /** What it asks whatever its own options are: asked for while the component is still being fetched. */
  readonly asks?: readonly FirstQuestion[];
  /** The filters that it brings along, by what its address names. */
  readonly fixes?: (named: { readonly [name: string]: string }) => Fixed;
  /** How navigation lists it; without it the page is reached from others only. */
  readonly listed?: {
    readonly name: string;
    readonly icon: ComponentType;
    /** The letter that opens it after `g`. */
    readonly key: string;
  };
}

export interface ListedPage extends Page {
  readonly listed: NonNullable<Page["listed"]>;
}

/** In the order of navigation. */
export const PAGES: readonly Page[] = [
  {
    path: "/",
    load: () => import("../pages/overview/OverviewPage"),
    asks: ["/api/v1/overview", "/api/v1/movers", "/api/v1/activity"],
    listed: { name: "Overview", icon: OverviewIcon, key: "o" },
  },
  {
    path: "/live",
    load: () => import("../pages/live/LivePage"),
    listed: { name: "Live", icon: LiveIcon, key: "l" },
  },
  {
    path: "/cost",
    load: () => import("../pages/cost/CostPage"),
    asks: ["/api/v1/cost", "/api/v1/forecast"],
    listed: { name: "Cost", icon: CostIcon, key: "c" },
  },
  {
    path: "/productivity",
    load: () => import("../pages/productivity/ProductivityPage"),
    asks: ["/api/v1/productivity"],
    listed: { name: "Productivity", icon: ProductivityIcon, key: "y" },
  },
  {
    path: "/tools",
    load: () => import("../pages/tools/ToolsPage"),
    asks: ["/api/v1/tools"],
    listed: { name: "Tools", icon: ToolsIcon, key: "t" },
  },
  {
    path: "/people",
    load: () => import("../pages/people/PeoplePage"),
    asks: ["/api/v1/adoption", "/api/v1/teams"],
    listed: { name: "People", icon: PeopleIcon, key: "p" },
  },
  {
    path: "/people/$person",
    load: () => import("../pages/person/PersonPage"),
    asks: ["/api/v1/overview"],
    fixes: ({ person = "" }) => ({ person: [person] }),
  },
  {
    path: "/projects",
    load: () => import("../pages/projects/ProjectsPage"),
    asks: ["/api/v1/projects"],
    listed: { name: "Projects", icon: ProjectsIcon, key: "j" },
  },
  {
    path: "/projects/$project",
    load: () => import("../pages/project/ProjectPage"),
    asks: ["/api/v1/overview"],
    fixes: ({ project = "" }) => ({ project: [project] }),
  },
  {
    path: "/sessions",
    load: () => import("../pages/sessions/SessionsPage"),
    listed: { name: "Sessions", icon: SessionsIcon, key: "s" },
  },
  {
    path: "/sessions/$session",
    load: () => import("../pages/session/SessionPage"),
  },
  {
    path: "/models",
    load: () => import("../pages/models/ModelsPage"),
    asks: ["/api/v1/models"],
    listed: { name: "Models", icon: ModelsIcon, key: "m" },
  },
  {
    path: "/health",
    load: () => import("../pages/health/HealthPage"),
    asks: ["/api/v1/health/data"],
    listed: { name: "Data health", icon: HealthIcon, key: "h" },
  },
  {
    path: "/connect",
    load: () => import("../pages/connect/ConnectPage"),
    listed: { name: "Connect", icon: ConnectIcon, key: "n" },
  },
  {
    path: "/settings",
    load: () => import("../pages/settings/SettingsPage"),
    listed: { name: "Settings", icon: SettingsIcon, key: "e" },
  },
];

/** The pages that navigation lists. */
export const LISTED_PAGES = PAGES.filter((page): page is ListedPage => page.listed !== undefined);
