/** The pieces of ECharts that are used, and no others; everything that imports this file is loaded on demand. */

import { BarChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, GridComponent, TooltipComponent, SVGRenderer]);

export type { EChartsCoreOption, EChartsType } from "echarts/core";
export { init };
