/** "How did it go?": the session over time. */

import { useComputedColorScheme } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { Story } from "../../api/story";
import { formatCount, formatTokens, formatUnit } from "../../format/counts";
import { Panel } from "../../parts/Panel";
import { panelState } from "../../view/useQuestion";
import type { StoryProps } from "./figures";
import { useClock } from "./useClock";

const SessionChart = lazy(() => import("./SessionChart"));
const HEIGHT = 320;

export function TimelinePanel({ figures }: StoryProps) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const clock = useClock(figures.data);
  const { data: story } = figures;
  return (
    <Panel
      question="How did it go?"
      answer={story && <Answer story={story} />}
      height={HEIGHT}
      state={panelState(
        figures,
        ({ entries }) => entries.length === 0,
        "Only running totals are known of this session: no request, call or prompt was told one by one.",
      )}
      hasChart
      {...(story ? { sheet: () => sheetOf(story) } : {})}
    >
      {() =>
        story && (
          <div aria-hidden="true">
            <Suspense fallback={<div style={{ height: HEIGHT }} />}>
              <SessionChart story={story} scheme={scheme} clock={clock} />
            </Suspense>
          </div>
        )
      }
    </Panel>
  );
}

function Answer({ story }: { readonly story: Story }) {
  const largest = story.context.reduce((most, point) => Math.max(most, point.tokens), 0);
  const compactions = story.entries.filter(({ kind }) => kind === "compaction").length;
  return (
    <>
      {largest > 0 && (
        <>
          The context grew to <b>{formatTokens(largest)}</b> tokens
          {compactions > 0 && (
            <>, compacted {compactions === 1 ? "once" : `${formatCount(compactions)} times`}</>
          )}
          .{" "}
        </>
      )}
      {story.subagents.length > 0 && <>{formatUnit(story.subagents.length, "subagent")} took part.</>}
    </>
  );
}

function sheetOf(story: Story) {
  return {
    columns: ["Time", "Context (tokens)", "From the cache (tokens)", "Model"],
    rows: story.context.map(({ at, tokens, cached, model }) => [at, tokens, cached, model]),
  };
}
