/** "What can other pages show?": cards to embed, with their addresses. */

import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Panel } from "../../parts/Panel";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import { type Widgets, widgetsQuery } from "./queries";
import classes from "./WidgetsPanel.module.css";

const COPIED_MS = 2_000;

export function WidgetsPanel() {
  const query = useQuery(widgetsQuery());
  const figures = {
    data: query.data,
    error: query.error,
    stale: false,
    retry: () => void query.refetch(),
  };
  return (
    <Panel
      question="What can other pages show?"
      answer="Cards for a homepage: pictures that follow the figures, and the figures as JSON"
      height={320}
      state={panelState(figures, () => false, "")}
    >
      {() => query.data && <Cards widgets={query.data} />}
    </Panel>
  );
}

function Cards({ widgets }: { readonly widgets: Widgets }) {
  const { zone } = usePeriod();
  const query = new URLSearchParams({
    ...(zone === "UTC" ? {} : { timezone: zone }),
    ...(widgets.token === null ? {} : { token: widgets.token }),
  }).toString();
  const pathOf = (file: string) => `/widget/${file}${query === "" ? "" : `?${query}`}`;
  if (widgets.token_needed && widgets.token === null) {
    return (
      <p className="muted">
        Cards ask for a token, and a token is made for a viewer key. Sign in with one to get it.
      </p>
    );
  }
  return (
    <>
      {widgets.token_needed && (
        <p className={classes.note}>
          These addresses carry a token made for your key. It opens these cards and nothing else, and ends
          when the key is revoked.
        </p>
      )}
      <ul className={classes.cards}>
        {widgets.cards.map((card) => (
          <li key={card}>
            <img src={pathOf(`${card}.svg`)} alt={`The card ${card}`} loading="lazy" />
            <Copy address={`${widgets.address}${pathOf(`${card}.svg`)}`} name={card} />
          </li>
        ))}
        <li>
          <pre className={classes.json}>{"{ today, week, month }"}</pre>
          <Copy address={`${widgets.address}${pathOf("summary.json")}`} name="JSON" />
        </li>
      </ul>
      <p className={classes.note}>
        Add <code>span=today</code> or <code>span=week</code>, <code>theme=light</code> or <code>dark</code>,{" "}
        <code>accent=</code>, <code>background=</code>, <code>title=</code>, <code>person=</code>.
      </p>
    </>
  );
}

function Copy({ address, name }: { readonly address: string; readonly name: string }) {
  const clipboard = useClipboard({ timeout: COPIED_MS });
  return (
    <Button
      variant="default"
      size="compact-sm"
      aria-label={`Copy the address of ${name}`}
      onClick={() => clipboard.copy(address)}
    >
      {clipboard.copied ? "Copied" : "Copy address"}
    </Button>
  );
}
