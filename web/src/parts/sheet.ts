/** A panel's rows as they are handed to other programs. */

export type Cell = string | number | null;

/** A table without looks: figures are exact and in the unit that their column names. */
export interface Sheet {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Comma-separated values as of RFC 4180, with a mark that makes spreadsheets read them as UTF-8. */
export function toCsv({ columns, rows }: Sheet): string {
  const lines = [columns, ...rows].map((row) => row.map(field).join(","));
  return `\ufeff${lines.join("\r\n")}\r\n`;
}

function field(cell: Cell): string {
  if (typeof cell === "number") {
    return String(cell);
  }
  // Names come from outside: a spreadsheet would run one that begins like a formula.
  const text = /^[=+\-@\t\r]/.test(cell ?? "") ? `'${cell}` : (cell ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Micro-dollars as dollars, exact. */
export function dollars(micros: number): number {
  return micros / 1_000_000;
}
