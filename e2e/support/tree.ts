/** What assistive programs are told of a page, as text that stays the same while the page does. */

import type { Locator } from "@playwright/test";

/**
 * The accessibility tree without figures, addresses and `names` of this machine. Of things in a row that are
 * told alike, such as the days of a calendar, one is left.
 */
export async function treeOf(part: Locator, names: readonly string[]): Promise<string> {
  const tree = await part.ariaSnapshot();
  const plain = names.reduce((text, name) => text.replaceAll(name, "somebody"), tree);
  const lines = plain.replaceAll(/\d[\d.,:]*/g, "#").split("\n");
  return `${fold(lines.filter((line) => !/^\s*- \/url:/.test(line))).join("\n")}\n`;
}

/** Leaves one of neighbours that are told alike, with everything in them. */
function fold(lines: readonly string[]): readonly string[] {
  const siblings: string[][] = [];
  const depth = indent(lines[0] ?? "");
  for (const line of lines) {
    if (indent(line) <= depth) {
      siblings.push([line]);
    } else {
      siblings.at(-1)?.push(line);
    }
  }
  const folded = siblings.map(([head = "", ...inner]) => [head, ...(inner.length > 0 ? fold(inner) : [])]);
  const told = folded.map((each) => each.join("\n"));
  return folded.filter((_, place) => told[place] !== told[place - 1]).flat();
}

function indent(line: string): number {
  return line.length - line.trimStart().length;
}
