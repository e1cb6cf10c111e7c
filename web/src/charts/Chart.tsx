/** An ECharts chart in a box of its own: made once, follows its options and its box, gone with its component. */

import { useEffect, useRef, useState } from "react";
import { type EChartsCoreOption, type EChartsType, init } from "./echarts";

export interface ChartProps {
  /** Options for the width at hand, in pixels; keep the function stable between renders. */
  readonly options: (width: number) => EChartsCoreOption;
  /** Pixels. */
  readonly height: number;
}

export function Chart({ options, height }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const [width, setWidth] = useState(0);

  useEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    const made = init(element, null, { renderer: "svg" });
    chart.current = made;
    const observer = new ResizeObserver(() => {
      made.resize();
      setWidth(element.clientWidth);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    if (width > 0) {
      chart.current?.setOption(options(width), { notMerge: true });
    }
  }, [options, width]);

  return <div ref={box} data-chart style={{ height, width: "100%" }} />;
}
