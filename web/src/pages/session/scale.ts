/**
 * The time axis of a session. Stretches in which something happened are drawn to one scale; what lies between them,
 * hours at lunch or the night before a session was taken up again, is left out and marked as a break.
 */

export interface Stretch {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
}

export interface Placed extends Stretch {
  /** Pixels. */
  readonly left: number;
  readonly right: number;
}

export interface Scale {
  readonly stretches: readonly Placed[];
  readonly width: number;
  /** Where an instant lies, in pixels. */
  readonly x: (at: number) => number;
  /** The instant at a place. */
  readonly at: (x: number) => number;
}

/** Without anything for longer than this, the axis breaks. */
const IDLE_MS = 10 * 60_000;
/** Room of a break, and the least of a stretch. */
const BREAK_PX = 20;
const LEAST_PX = 16;

/** Stretches of activity, from spans in any order. */
export function stretchesOf(spans: readonly Stretch[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = stretches.at(-1);
    if (last && span.from - last.until <= IDLE_MS) {
      stretches[stretches.length - 1] = { from: last.from, until: Math.max(last.until, span.until) };
    } else {
      stretches.push(span);
    }
  }
  return stretches;
}

/** Lays stretches out over a width. All are to one scale, but for those that would be too short to see. */
export function scaleOf(stretches: readonly Stretch[], width: number): Scale {
  const room = Math.max(width - BREAK_PX * Math.max(stretches.length - 1, 0), stretches.length * LEAST_PX);
  const spare = room - stretches.length * LEAST_PX;
  const whole = stretches.reduce((sum, { from, until }) => sum + (until - from), 0);
  let left = 0;
  const placed = stretches.map(({ from, until }) => {
    const share = whole === 0 ? 1 / stretches.length : (until - from) / whole;
    const right = left + LEAST_PX + spare * share;
    const place = { from, until, left, right };
    left = right + BREAK_PX;
    return place;
  });
  return {
    stretches: placed,
    width,
    x: (at) => placeOf(placed, at),
    at: (x) => instantOf(placed, x),
  };
}

function placeOf(placed: readonly Placed[], at: number): number {
  const stretch = placed.findLast(({ from }) => from <= at) ?? placed[0];
  if (!stretch) {
    return 0;
  }
  const { from, until, left, right } = stretch;
  const share = until === from ? 0.5 : (at - from) / (until - from);
  return left + Math.min(1, Math.max(0, share)) * (right - left);
}

function instantOf(placed: readonly Placed[], x: number): number {
  const stretch = placed.findLast(({ left }) => left <= x) ?? placed[0];
  if (!stretch) {
    return 0;
  }
  const { from, until, left, right } = stretch;
  return from + Math.min(1, Math.max(0, (x - left) / (right - left))) * (until - from);
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200].map(
  (seconds) => seconds * 1_000,
);

/**
 * Instants to label: round ones, each far enough from the one before. A label begins at its instant; one without room
 * behind it ends there, if it then leaves the one before alone.
 */
export function ticksOf(scale: Scale, room: number): readonly number[] {
  const ticks: number[] = [];
  let free = 0;
  for (const { from, until, left, right } of scale.stretches) {
    const perPixel = (until - from) / Math.max(right - left, 1);
    const step = STEPS_MS.find((each) => each >= room * perPixel) ?? 86_400_000;
    const round = Math.ceil(from / step) * step;
    const inside: number[] = [];
    for (let at = round; at <= until; at += step) {
      inside.push(at);
    }
    for (const at of inside.length === 0 ? [from] : inside) {
      const x = scale.x(at);
      const fits = x + room <= scale.width ? x >= free : x - room >= free || ticks.length === 0;
      if (fits) {
        ticks.push(at);
        free = x + room;
      }
    }
  }
  return ticks;
}
