/** "What is kept?": since when, how much, and for how long. */

import type { ReactNode } from "react";
import { formatCount, formatUnit } from "../../format/counts";
import { formatDay, todayIn } from "../../format/dates";
import { SOURCE_NAMES } from "../../format/sources";
import { Panel } from "../../parts/Panel";
import { usePeriod } from "../../view/period";
import { type Figures, panelState } from "../../view/useQuestion";
import classes from "./KeptPanel.module.css";
import type { Shown } from "./queries";

export function KeptPanel({ figures }: { readonly figures: Figures<Shown> }) {
  const { zone } = usePeriod();
  const { data } = figures;
  return (
    <Panel
      span={4}
      question="What is kept?"
      answer="Everything: nothing is deleted by itself"
      height={120}
      state={panelState(figures, () => false, "")}
    >
      {() => data && <Facts shown={data} zone={zone} />}
    </Panel>
  );
}

function Facts({ shown, zone }: { readonly shown: Shown; readonly zone: string }) {
  const { contents } = shown;
  const day = (instant: string | null) => {
    if (instant === null) {
      return "nothing yet";
    }
    const date = todayIn(zone, new Date(instant));
    return `${formatDay(date)} ${date.slice(0, 4)}`;
  };
  return (
    <dl className={classes.facts}>
      <Fact name="First">{day(contents.first_at)}</Fact>
      <Fact name="Last">{day(contents.last_at)}</Fact>
      <Fact name="Sessions">{formatCount(contents.sessions)}</Fact>
      <Fact name="People">{formatCount(contents.people)}</Fact>
      {contents.sources
        .filter(({ records }) => records > 0)
        .map(({ source, records }) => (
          <Fact key={source} name={SOURCE_NAMES[source]}>
            {formatUnit(records, "record")}
          </Fact>
        ))}
      <Fact name="Prompts and code">
        {shown.content_kept ? "kept where clients send them" : "never kept"}
      </Fact>
      <Fact name="Address">{shown.public_url ?? shown.http_address}</Fact>
      <Fact name="gRPC">{shown.grpc_address ?? "not served"}</Fact>
      <Fact name="Analytics API">{freshness(shown.analytics_freshness_seconds)}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function freshness(seconds: number): string {
  return seconds === 0
    ? "shows everything at once"
    : `shows what is older than ${formatUnit(Math.round(seconds / 60), "minute")}`;
}
