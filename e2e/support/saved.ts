/** What a panel hands over to other programs. */

import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";

/** Saves a panel's rows and reads them, each as its cells by column. */
export async function savedRows(page: Page, panel: string): Promise<readonly Record<string, string>[]> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: `Export: ${panel}`, exact: true }).click();
  await page.getByRole("menuitem", { name: "Save rows as CSV" }).click();
  const text = await readFile(await (await download).path(), "utf8");
  const [head = "", ...rows] = text.replace("\ufeff", "").trimEnd().split("\r\n");
  const names = cells(head);
  return rows.map((row) => Object.fromEntries(cells(row).map((cell, place) => [names[place], cell])));
}

/** The sum of a column of numbers. */
export function sumOf(rows: readonly Record<string, string>[], column: string): number {
  expect(Object.keys(rows[0] ?? {}), `columns with ${column}`).toContain(column);
  return rows.reduce((sum, row) => sum + Number(row[column]), 0);
}

/** The cells of a line; quoted ones may hold commas, and doubled quotes. */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );
}
