/**
 * A session over time: lanes of what happened, and below them the size of the context and the cost so far, all on
 * one time axis. It is for the eye; the table of entries tells the same to everyone else.
 */

import { useElementSize } from "@mantine/hooks";
import { type PointerEvent, useMemo, useState } from "react";
import type { Story } from "../../api/story";
import { modelColor, type Scheme } from "../../charts/palette";
import { formatTokens } from "../../format/counts";
import { formatDuration } from "../../format/durations";
import { axisMoney, formatMoney } from "../../format/money";
import { type Lane, lanesOf, type Mark, marksOf } from "./marks";
import classes from "./SessionChart.module.css";
import { type Scale, scaleOf, stretchesOf, ticksOf } from "./scale";
import type { Clock } from "./useClock";

export interface SessionChartProps {
  readonly story: Story;
  readonly scheme: Scheme;
  readonly clock: Clock;
}

const LANE_PX = 22;
const MARK_PX = 12;
const CURVE_PX = 72;
const CURVE_GAP_PX = 26;
const AXIS_PX = 24;
const LABEL_PX = 104;
const NARROW_LABEL_PX = 66;
const RIGHT_PX = 8;
const TICK_ROOM_PX = 76;
/** Less than this is told to the second. */
const WITH_SECONDS_MS = 10 * 60_000;

export default function SessionChart({ story, scheme, clock }: SessionChartProps) {
  const { ref, width } = useElementSize();
  const marks = useMemo(() => marksOf(story), [story]);
  const lanes = useMemo(() => lanesOf(story), [story]);
  const stretches = useMemo(() => stretchesOf(marks), [marks]);
  const left = width < 520 ? NARROW_LABEL_PX : LABEL_PX;
  const scale = useMemo(
    () => scaleOf(stretches, Math.max(width - left - RIGHT_PX, 80)),
    [stretches, width, left],
  );
  const [pointer, setPointer] = useState<number | null>(null);

  const curves = [
    ...(story.context.length > 1 ? [contextCurve(story)] : []),
    ...(story.spending.length > 1 ? [costCurve(story)] : []),
  ];
  const lanesHeight = lanes.length * LANE_PX;
  const height = lanesHeight + curves.length * (CURVE_PX + CURVE_GAP_PX) + AXIS_PX;
  const compactions = marks.filter((_, place) => story.entries[place]?.kind === "compaction");

  function follow(event: PointerEvent<SVGSVGElement>) {
    const box = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - box.left - left;
    setPointer(x >= 0 && x <= scale.width ? scale.at(x) : null);
  }

  return (
    <div ref={ref}>
      <p className={classes.readout}>
        {pointer === null ? "Point at the chart to read it." : readout(pointer, curves, clock)}
      </p>
      <div data-chart style={{ height }}>
        {width > 0 && (
          <svg
            width={width}
            height={height}
            viewBox={`0 0 ${width} ${height}`}
            className={classes.chart}
            onPointerMove={follow}
            onPointerLeave={() => setPointer(null)}
          >
            <title>What happened over time</title>
            <Hatches />
            <g transform={`translate(${left} 0)`}>
              {lanes.map((lane, place) => (
                <LaneRow
                  key={lane.id}
                  lane={lane}
                  top={place * LANE_PX}
                  left={left}
                  marks={marks.filter((mark) => mark.lane === lane.id)}
                  scale={scale}
                  scheme={scheme}
                />
              ))}
              {curves.map((curve, place) => (
                <CurveRow
                  key={curve.label}
                  curve={curve}
                  top={lanesHeight + CURVE_GAP_PX + place * (CURVE_PX + CURVE_GAP_PX)}
                  left={left}
                  scale={scale}
                />
              ))}
              {compactions.map((mark) => (
                <line
                  key={mark.key}
                  className={classes.compaction}
                  x1={scale.x(mark.until)}
                  x2={scale.x(mark.until)}
                  y1={0}
                  y2={height - AXIS_PX}
                />
              ))}
              <Breaks scale={scale} height={height - AXIS_PX} />
              <Axis scale={scale} top={height - AXIS_PX} clock={clock} />
              {pointer !== null && (
                <line
                  className={classes.pointer}
                  x1={scale.x(pointer)}
                  x2={scale.x(pointer)}
                  y1={0}
                  y2={height - AXIS_PX}
                />
              )}
            </g>
          </svg>
        )}
      </div>
    </div>
  );
}

function Hatches() {
  return (
    <defs>
      <pattern
        id="session-failed"
        width="4"
        height="4"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width="4" height="4" fill="var(--bad)" />
        <rect width="1.5" height="4" fill="var(--panel)" />
      </pattern>
      <pattern
        id="session-gap"
        width="5"
        height="5"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(-45)"
      >
        <rect width="1.5" height="5" fill="var(--muted)" />
      </pattern>
    </defs>
  );
}

interface LaneRowProps {
  readonly lane: Lane;
  readonly top: number;
  readonly left: number;
  readonly marks: readonly Mark[];
  readonly scale: Scale;
  readonly scheme: Scheme;
}

function LaneRow({ lane, top, left, marks, scale, scheme }: LaneRowProps) {
  const y = top + (LANE_PX - MARK_PX) / 2;
  return (
    <g>
      <text className={classes.label} x={-left} y={top + LANE_PX / 2 + 4}>
        {clipped(lane.label, left)}
      </text>
      <line
        className={classes.rule}
        x1={0}
        x2={scale.width}
        y1={top + LANE_PX - 0.5}
        y2={top + LANE_PX - 0.5}
      />
      {marks.map((mark) => {
        const start = scale.x(mark.from);
        return (
          <rect
            key={mark.key}
            x={start}
            y={y}
            width={Math.max(scale.x(mark.until) - start, 2)}
            height={MARK_PX}
            fill={fillOf(mark, scheme)}
          >
            <title>{mark.note}</title>
          </rect>
        );
      })}
    </g>
  );
}

function fillOf({ tone, model }: Mark, scheme: Scheme): string {
  switch (tone) {
    case "request":
      return modelColor(model ?? "", scheme);
    case "prompt":
      return "var(--accent)";
    case "failed":
      return "url(#session-failed)";
    case "gap":
      return "url(#session-gap)";
    case "tool":
    case "event":
      return "var(--muted)";
  }
}

/** About as many letters as fit before the chart. */
function clipped(label: string, room: number): string {
  const most = Math.floor(room / 7);
  return label.length > most ? `${label.slice(0, most - 1)}…` : label;
}

interface Curve {
  readonly label: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
  readonly highest: number;
  readonly axisText: (value: number) => string;
  readonly text: (value: number) => string;
}

function contextCurve(story: Story): Curve {
  const points = story.context.map((point) => ({ at: Date.parse(point.at), value: point.tokens }));
  return curveOf("Context", points, formatTokens, (value) => `context ${formatTokens(value)} tokens`);
}

function costCurve(story: Story): Curve {
  const points = story.spending.map((point) => ({ at: Date.parse(point.at), value: point.cost_micros }));
  return curveOf("Cost", points, axisMoney, (value) => `${formatMoney(value)} so far`);
}

function curveOf(
  label: string,
  points: Curve["points"],
  axisText: Curve["axisText"],
  text: Curve["text"],
): Curve {
  return { label, points, highest: Math.max(...points.map(({ value }) => value), 1), axisText, text };
}

interface CurveRowProps {
  readonly curve: Curve;
  readonly top: number;
  readonly left: number;
  readonly scale: Scale;
}

/** Steps: what was true at a request stays true until the next. */
function CurveRow({ curve, top, left, scale }: CurveRowProps) {
  const y = (value: number) => top + CURVE_PX - (value / curve.highest) * CURVE_PX;
  const [first] = curve.points;
  const steps = curve.points.map(({ at, value }) => `H${round(scale.x(at))}V${round(y(value))}`).join("");
  const path = first ? `M${round(scale.x(first.at))} ${top + CURVE_PX}${steps}H${round(scale.width)}` : "";
  return (
    <g>
      <text className={classes.label} x={-left} y={top + 10}>
        {curve.label}
      </text>
      <text className={classes.axis} x={-left} y={top + 26}>
        to {curve.axisText(curve.highest)}
      </text>
      <line className={classes.rule} x1={0} x2={scale.width} y1={top} y2={top} />
      <line className={classes.rule} x1={0} x2={scale.width} y1={top + CURVE_PX} y2={top + CURVE_PX} />
      <path className={classes.area} d={`${path}V${top + CURVE_PX}Z`} />
      <path className={classes.line} d={path} />
    </g>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function Breaks({ scale, height }: { readonly scale: Scale; readonly height: number }) {
  const gaps = scale.stretches.slice(1).map((next, place) => ({ before: scale.stretches[place], next }));
  return (
    <>
      {gaps.map(({ before, next }) => {
        const x = before?.right ?? 0;
        const away = formatDuration(next.from - (before?.until ?? next.from));
        return (
          <g key={next.from}>
            <rect className={classes.break} x={x + 2} y={0} width={next.left - x - 4} height={height}>
              <title>{`Nothing for ${away}`}</title>
            </rect>
            <text
              className={classes.breakText}
              transform={`translate(${(x + next.left) / 2 + 4} 8) rotate(90)`}
            >
              {away}
            </text>
          </g>
        );
      })}
    </>
  );
}

interface AxisProps {
  readonly scale: Scale;
  readonly top: number;
  readonly clock: Clock;
}

function Axis({ scale, top, clock }: AxisProps) {
  const ticks = ticksOf(scale, TICK_ROOM_PX);
  const total = scale.stretches.reduce((sum, { from, until }) => sum + until - from, 0);
  const withSeconds = total < WITH_SECONDS_MS;
  const text = (at: number) => {
    const time = clock(at);
    return withSeconds || time.length > "hh:mm:ss".length ? time : time.slice(0, "hh:mm".length);
  };
  return (
    <>
      {ticks.map((at) => (
        <text
          key={at}
          className={classes.axis}
          x={scale.x(at)}
          y={top + 16}
          textAnchor={scale.x(at) > scale.width - TICK_ROOM_PX ? "end" : "start"}
        >
          {text(at)}
        </text>
      ))}
    </>
  );
}

/** What the chart says at an instant. */
function readout(at: number, curves: readonly Curve[], clock: Clock): string {
  const values = curves.map((curve) => {
    const point = curve.points.findLast((each) => each.at <= at);
    return point ? curve.text(point.value) : null;
  });
  return [clock(at), ...values.filter((value) => value !== null)].join(" · ");
}
