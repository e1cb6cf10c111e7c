/** "What would it look like?": demo data, made on request, in a server of its own. */

import { Button, Progress } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { startDemo } from "../../api/queries";
import type { DemoStatus } from "../../api/types";
import { Panel } from "../../parts/Panel";
import classes from "./ConnectParts.module.css";

const READY = { kind: "ready", stale: false } as const;

export function DemoPanel({ demo }: { readonly demo: DemoStatus }) {
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const start = useMutation({
    mutationFn: startDemo,
    onSuccess: () => {
      setAsked(true);
      void queries.invalidateQueries({ queryKey: ["status"] });
    },
  });
  const address = demo.state === "ready" ? webAddress(demo.address) : null;

  // Whoever pressed the button wants to be there; whoever finds it ready gets a link.
  useEffect(() => {
    if (asked && address !== null) {
      window.location.assign(address);
    }
  }, [asked, address]);

  const filling = demo.state === "filling" || start.isPending;
  return (
    <Panel
      question="What would it look like?"
      answer="An invented organization of 40 developers over 90 days"
      height={0}
      state={READY}
    >
      {() => (
        <div className={classes.stack}>
          {filling && (
            <>
              <Progress value={demo.progress * 100} aria-label="Demo data made" transitionDuration={0} />
              <p className="muted">Making demo data: {Math.floor(demo.progress * 100)} %</p>
            </>
          )}
          {(demo.state === "failed" || start.error) && (
            <p role="alert" className={classes.error}>
              {start.error?.message ?? `No demo data: ${demo.message ?? "the server does not say why"}`}
            </p>
          )}
          {address !== null ? (
            <Button component="a" href={address} variant="default">
              Open the demo
            </Button>
          ) : (
            <Button variant="default" onClick={() => start.mutate()} loading={filling}>
              Look at demo data
            </Button>
          )}
          <p className="muted">It is kept in a place of its own and never mixed with your figures.</p>
        </div>
      )}
    </Panel>
  );
}

/** Only an address that a browser opens as a page. */
function webAddress(address: string | null): string | null {
  return address !== null && /^https?:\/\//.test(address) ? address : null;
}
