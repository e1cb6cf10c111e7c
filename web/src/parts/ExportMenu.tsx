/** A panel's rows as CSV, and its chart as PNG. */

import { ActionIcon, Menu } from "@mantine/core";
import type { RefObject } from "react";
import { MoreIcon } from "../app/icons";
import { pngOf } from "../charts/picture";
import { usePeriod } from "../view/period";
import { download, fileName } from "./download";
import { type Sheet, toCsv } from "./sheet";

export interface ExportMenuProps {
  readonly question: string;
  readonly sheet: () => Sheet;
  /** Where the chart is drawn, for panels that have one. */
  readonly panel: RefObject<HTMLElement | null>;
  readonly hasChart: boolean;
}

export default function ExportMenu({ question, sheet, panel, hasChart }: ExportMenuProps) {
  const { range, zone, words } = usePeriod();
  const name = fileName(question, `${range.start}-${range.end}`);

  async function savePicture() {
    const chart = panel.current?.querySelector<SVGSVGElement>("[data-chart] svg");
    if (chart) {
      const picture = await pngOf(chart, { title: question, subtitle: `${words} · ${zone}` });
      download(`${name}.png`, picture);
    }
  }

  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={28}
          aria-label={`Export: ${question}`}
          data-print="no"
        >
          <MoreIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          onClick={() =>
            download(`${name}.csv`, new Blob([toCsv(sheet())], { type: "text/csv;charset=utf-8" }))
          }
        >
          Save rows as CSV
        </Menu.Item>
        {hasChart && <Menu.Item onClick={() => void savePicture()}>Save chart as PNG</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
