/** A table that can be sorted: sticky head, figures to the right, and fewer columns where there is less room. */

import { type CSSProperties, type ReactNode, useState } from "react";
import classes from "./DataTable.module.css";

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** Figures stand to the right. */
  readonly numeric?: boolean;
  /** 1 is always there; 2 from about 480 pixels of panel width, 3 from about 680. */
  readonly priority?: 1 | 2 | 3;
  /** What to sort by; without it the column cannot be sorted. */
  readonly sortBy?: (row: Row) => number | string;
  /** The column that names the row. */
  readonly isHeader?: boolean;
  /** Share of the table, where there is room for every column. */
  readonly width?: string;
  readonly cell: (row: Row) => ReactNode;
}

export interface DataTableProps<Row> {
  /** Read out before the table; the panel's question stands above it for everyone else. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Scrolls inside this height, in pixels. */
  readonly maxHeight?: number;
  readonly rowProps?: (row: Row) => { readonly "data-new"?: boolean };
}

interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

export function DataTable<Row>({ caption, columns, rows, rowKey, maxHeight, rowProps }: DataTableProps<Row>) {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const sorted = sortRows(rows, columns, sorting);
  const scrolls = maxHeight !== undefined;
  return (
    <div
      className={classes.scroll}
      style={scrolls ? { maxHeight } : undefined}
      // A region that scrolls must be reachable by keyboard, and then needs a name.
      {...(scrolls ? { tabIndex: 0, role: "region", "aria-label": caption } : {})}
    >
      <table className={classes.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeadCell key={column.id} column={column} sorting={sorting} onSort={setSorting} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={rowKey(row)} {...rowProps?.(row)}>
              {columns.map((column) => (
                <BodyCell key={column.id} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadCellProps<Row> {
  readonly column: Column<Row>;
  readonly sorting: Sorting | null;
  readonly onSort: (sorting: Sorting) => void;
}

function HeadCell<Row>({ column, sorting, onSort }: HeadCellProps<Row>) {
  const active = sorting?.column === column.id ? sorting : null;
  const attributes = {
    scope: "col" as const,
    className: column.numeric ? classes.numeric : undefined,
    "data-priority": column.priority ?? 1,
    style: column.width ? ({ "--column": column.width } as CSSProperties) : undefined,
  };
  if (!column.sortBy) {
    return <th {...attributes}>{column.title}</th>;
  }
  // The first press brings the largest figures, or the first names, to the top.
  const descending = active ? !active.descending : column.numeric === true;
  return (
    <th {...attributes} aria-sort={active ? (active.descending ? "descending" : "ascending") : "none"}>
      <button
        type="button"
        className={classes.sort}
        onClick={() => onSort({ column: column.id, descending })}
      >
        {column.title}
        <span aria-hidden="true" className={classes.arrow} data-active={active !== null}>
          {active && !active.descending ? "↑" : "↓"}
        </span>
      </button>
    </th>
  );
}

function BodyCell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const className = column.numeric ? classes.numeric : undefined;
  const priority = column.priority ?? 1;
  return column.isHeader ? (
    <th scope="row" className={className} data-priority={priority}>
      {column.cell(row)}
    </th>
  ) : (
    <td className={className} data-priority={priority}>
      {column.cell(row)}
    </td>
  );
}

/** The rows as they came while nothing is chosen; equal values keep their order. */
function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: Sorting | null,
): readonly Row[] {
  const value = columns.find((column) => column.id === sorting?.column)?.sortBy;
  if (!sorting || !value) {
    return rows;
  }
  const direction = sorting.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    return direction * (x < y ? -1 : x > y ? 1 : 0);
  });
}
