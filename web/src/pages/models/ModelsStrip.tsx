/** All models together: requests, what one cost, how long it took, how often it failed. */

import { formatCount, formatShare, formatTokens, formatUnit } from "../../format/counts";
import { exactMoney, formatMoney } from "../../format/money";
import { latencyText } from "../../format/rates";
import { FigureStrip, type StripFigure } from "../../parts/FigureStrip";
import { type ModelMix, useModels } from "./useModels";

const SPECS: readonly StripFigure<ModelMix>[] = [
  {
    label: "Requests",
    why: { figure: "requests" },
    value: ({ all }) => formatCount(all.requests),
    exact: ({ all }) => formatUnit(all.requests, "request"),
    aside: (data) => formatUnit(data.models.length, "model"),
  },
  {
    label: "Cost of a request",
    value: ({ all }) => (all.cost_per_request === null ? "–" : formatMoney(all.cost_per_request)),
    exact: ({ all }) => (all.cost_per_request === null ? "No requests" : exactMoney(all.cost_per_request)),
    aside: () => "on average",
  },
  {
    label: "Output of a request",
    value: ({ all }) => (all.output_per_request === null ? "–" : formatTokens(all.output_per_request)),
    exact: ({ all }) => formatUnit(all.output_per_request ?? 0, "token"),
    aside: () => "tokens on average",
  },
  {
    label: "Half took at most",
    value: ({ all }) => latencyText(all.duration_ms.p50),
    exact: ({ all }) => `${formatCount(all.duration_ms.p50 ?? 0)} ms, the median`,
    aside: ({ all }) => `19 of 20 at most ${latencyText(all.duration_ms.p95)}`,
  },
  {
    label: "First token after",
    value: ({ all }) => latencyText(all.first_token_ms.p50),
    exact: ({ all }) => `${formatCount(all.first_token_ms.p50 ?? 0)} ms, the median`,
    aside: ({ all }) =>
      all.first_token_ms.p50 === null
        ? "no source tells"
        : `19 of 20 at most ${latencyText(all.first_token_ms.p95)}`,
  },
  {
    label: "Failed requests",
    why: { figure: "api_errors" },
    value: ({ all }) => formatCount(all.errors),
    exact: ({ all }) => formatUnit(all.errors, "failed request"),
    aside: ({ all }) =>
      all.error_rate === null ? "none made" : `${formatShare(all.error_rate)} of all made`,
  },
];

export function ModelsStrip() {
  return <FigureStrip name="Models in figures" figures={useModels()} specs={SPECS} />;
}
