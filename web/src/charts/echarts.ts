/** The pieces of ECharts that are used, and no others; everything that imports this file is loaded on demand. */

import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, TooltipComponent, LabelLayout, SVGRenderer]);

export type { EChartsCoreOption, EChartsType } from "echarts/core";
export { init };
