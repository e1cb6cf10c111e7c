/** What stands around every page: rail, notices, and the sign-in panel when the server asks for a key. */

import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { useKeyNeeded } from "../api/key";
import { statusQuery } from "../api/queries";
import classes from "./Frame.module.css";
import { ConnectIcon, Mark, OverviewIcon } from "./icons";
import { SchemeToggle } from "./SchemeToggle";
import { ServerState } from "./ServerState";
import { SignIn } from "./SignIn";

export function Frame() {
  const keyNeeded = useKeyNeeded();
  return keyNeeded ? <SignIn /> : <SignedIn />;
}

function SignedIn() {
  const { data: status } = useQuery(statusQuery());
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
          <nav aria-label="Pages" className={classes.nav}>
            <Link to="/" search={true} className={classes.link} activeOptions={{ includeSearch: false }}>
              <OverviewIcon />
              Overview
            </Link>
            <Link to="/connect" className={classes.link}>
              <ConnectIcon />
              Connect
            </Link>
          </nav>
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
    </div>
  );
}
