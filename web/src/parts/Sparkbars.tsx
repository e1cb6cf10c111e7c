/** A day-by-day trace of one row, from zero, on the row's own scale. The figures beside it are the information. */

export interface SparkbarsProps {
  readonly values: readonly number[];
  readonly color: string;
}

const WIDTH = 96;
const HEIGHT = 18;

export function Sparkbars({ values, color }: SparkbarsProps) {
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden="true"
      focusable="false"
    >
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} stroke="var(--rule)" />
      <path d={bars(values)} fill={color} />
    </svg>
  );
}

/** All bars as one path. */
function bars(values: readonly number[]): string {
  const highest = Math.max(...values, 0);
  const step = WIDTH / Math.max(values.length, 1);
  const width = step > 3 ? Math.min(step - 1, 12) : Math.max(step, 0.5);
  const round = (value: number) => Math.round(value * 100) / 100;
  return values
    .map((value, index) => ({ x: index * step, height: (Math.max(value, 0) / highest) * (HEIGHT - 1) }))
    .filter((bar) => bar.height > 0)
    .map(({ x, height }) => `M${round(x)} ${HEIGHT - 1}v${round(-height)}h${round(width)}V${HEIGHT - 1}z`)
    .join("");
}
