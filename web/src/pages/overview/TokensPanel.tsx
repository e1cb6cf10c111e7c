/** "Which kinds of tokens?": what was sent, written, read from the cache and put into it. */

import { useComputedColorScheme } from "@mantine/core";
import type { Tokens } from "../../api/types";
import { tokenColor } from "../../charts/palette";
import { formatTokens } from "../../format/counts";
import { allTokens, TOKEN_KINDS } from "../../format/tokens";
import { Bar } from "../../parts/Bar";
import { TokenCount } from "../../parts/Figure";
import { Panel } from "../../parts/Panel";
import { Why } from "../../parts/Why";
import { usePeriod } from "../../view/period";
import { panelState } from "../../view/useQuestion";
import classes from "./TokensPanel.module.css";
import { useOverview } from "./useOverview";

export function TokensPanel() {
  const figures = useOverview();
  const period = usePeriod();
  const tokens = figures.data?.totals.tokens;
  return (
    <Panel
      span={4}
      question="Which kinds of tokens?"
      answer={tokens && <Answer tokens={tokens} />}
      height={240}
      sheet={() => ({
        columns: ["Kind", "Tokens"],
        rows: TOKEN_KINDS.map(({ kind, label }) => [label, tokens?.[kind] ?? 0]),
      })}
      state={panelState(figures, (data) => allTokens(data.totals.tokens) === 0, `No tokens ${period.words}.`)}
    >
      {() => tokens && <Kinds tokens={tokens} />}
    </Panel>
  );
}

function Answer({ tokens }: { tokens: Tokens }) {
  const largest = [...TOKEN_KINDS].sort((a, b) => tokens[b.kind] - tokens[a.kind])[0];
  return (
    largest && (
      <>
        Mostly {largest.label.toLowerCase()}: <b>{formatTokens(tokens[largest.kind])}</b> of{" "}
        {formatTokens(allTokens(tokens))}
      </>
    )
  );
}

function Kinds({ tokens }: { tokens: Tokens }) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const largest = Math.max(...TOKEN_KINDS.map(({ kind }) => tokens[kind]));
  return (
    <dl className={classes.kinds}>
      {TOKEN_KINDS.map(({ kind, label, explanation }) => (
        <div key={kind} className={classes.kind}>
          <dt>
            {label} <span className={classes.explanation}>{explanation}</span>
          </dt>
          <dd className={classes.count}>
            <Why figure={kind}>
              <TokenCount tokens={tokens[kind]} />
            </Why>
          </dd>
          <dd className={classes.bar}>
            <Bar parts={[{ value: tokens[kind], color: tokenColor(kind, scheme) }]} whole={largest} />
          </dd>
          {kind === "cache_creation" && <CacheWrites tokens={tokens} />}
        </div>
      ))}
    </dl>
  );
}

/** How long the written cache lives decides its price. */
function CacheWrites({ tokens }: { tokens: Tokens }) {
  const { cache_creation_5m: short, cache_creation_1h: long } = tokens;
  if (short === 0 && long === 0) {
    return null;
  }
  return (
    <dd className={classes.detail}>
      <TokenCount tokens={short} /> for 5 minutes, <TokenCount tokens={long} /> for 1 hour
    </dd>
  );
}
