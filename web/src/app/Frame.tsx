/** What stands around every page: rail, notices, and the sign-in panel when the server asks for a key. */

import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useKeyNeeded } from "../api/key";
import { statusQuery } from "../api/queries";
import { useFreshFigures } from "../view/useFreshFigures";
import { useWhy } from "../view/why";
import classes from "./Frame.module.css";
import { Mark, MenuIcon, SearchIcon } from "./icons";
import { PageLink } from "./PageLink";
import { LISTED_PAGES } from "./pages";
import { SchemeToggle } from "./SchemeToggle";
import { ServerState } from "./ServerState";
import { SignIn } from "./SignIn";
import { COMMAND_KEY, useShortcuts } from "./shortcuts";

const CommandPalette = lazy(() => import("./CommandPalette"));
const ExplainDrawer = lazy(() => import("../view/ExplainDrawer"));
const ShortcutHelp = lazy(() => import("./ShortcutHelp"));

export function Frame() {
  const keyNeeded = useKeyNeeded();
  return keyNeeded ? <SignIn /> : <SignedIn />;
}

function SignedIn() {
  const { data: status } = useQuery(statusQuery());
  const [dialog, setDialog] = useState<"palette" | "help" | null>(null);
  useShortcuts({ palette: () => setDialog("palette"), help: () => setDialog("help") });
  useFreshFigures();
  const [explained] = useWhy();
  const close = () => setDialog(null);
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#main">
        Skip to the page
      </a>
      <header className={classes.rail}>
        <div className={classes.inner}>
          <div className={classes.brand}>
            <Mark />
            <span>Pitwall</span>
          </div>
          <Pages onSearch={() => setDialog("palette")} />
          <div className={classes.foot}>
            {status && <ServerState status={status} />}
            <SchemeToggle />
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} className={classes.main}>
        {status?.data === "demo" && (
          <p role="note" className={classes.banner}>
            <strong>Demo data.</strong> An invented organization, kept apart from your own figures.
          </p>
        )}
        <Outlet />
      </main>
      <Suspense>
        {dialog === "palette" && <CommandPalette onClose={close} onHelp={() => setDialog("help")} />}
        {explained && <ExplainDrawer explained={explained} />}
        {dialog === "help" && <ShortcutHelp onClose={close} />}
      </Suspense>
    </div>
  );
}

/** The list of pages; on a phone it opens below the head and closes once a page is chosen. */
function Pages({ onSearch }: { readonly onSearch: () => void }) {
  const { pathname } = useLocation();
  const [openedAt, setOpenedAt] = useState<string | null>(null);
  const open = openedAt === pathname;
  return (
    <>
      <button type="button" className={classes.search} onClick={onSearch} aria-label="Search and commands">
        <SearchIcon />
        <span className={classes.searchWords}>Search</span>
        <kbd className={classes.searchKey}>{COMMAND_KEY} K</kbd>
      </button>
      <button
        type="button"
        className={classes.menu}
        aria-expanded={open}
        aria-controls="pages"
        onClick={() => setOpenedAt(open ? null : pathname)}
      >
        <MenuIcon />
        <span>Pages</span>
      </button>
      <nav id="pages" aria-label="Pages" className={classes.nav} data-open={open}>
        {LISTED_PAGES.map(({ path, listed }) => (
          <PageLink key={path} to={path} className={classes.link}>
            <listed.icon />
            {listed.name}
          </PageLink>
        ))}
      </nav>
    </>
  );
}
