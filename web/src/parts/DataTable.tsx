/** A table that can be sorted: sticky head, figures to the right, and fewer columns where there is less room. */

import { type CSSProperties, type ReactNode, useCallback, useState } from "react";
import classes from "./DataTable.module.css";
import type { Cell, Sheet } from "./sheet";

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** Figures stand to the right. */
  readonly numeric?: boolean;
  /** Sorted from the newest or largest on, though it is no figure. */
  readonly descends?: boolean;
  /** 1 is always there; 2 from about 480 pixels of panel width, 3 from about 680. */
  readonly priority?: 1 | 2 | 3;
  /** What to sort by; without it the column cannot be sorted. */
  readonly sortBy?: (row: Row) => number | string;
  /** The column as other programs get it; a column that can be sorted is handed over as what it sorts by. */
  readonly exported?: { readonly title?: string; readonly value: (row: Row) => Cell };
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
  /** Only read out, never seen: what a chart beside it shows. */
  readonly unseen?: boolean;
  /** Rows come sorted by somebody else, who is asked for another order. */
  readonly ordered?: Ordered;
}

/** An order that somebody else keeps: the largest, newest or first always at the top. */
export interface Ordered {
  /** The column that rows are sorted by. */
  readonly by: string;
  /** The columns that they can be sorted by. */
  readonly columns: readonly string[];
  readonly onOrder: (column: string) => void;
}

interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rows, rowKey, maxHeight, rowProps, unseen, ordered } = props;
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const sorted = ordered ? rows : sortRows(rows, columns, sorting);
  const [measured, overflows] = useOverflow();
  const scrolls = maxHeight !== undefined || overflows;
  const table = (
    <table className={classes.table}>
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) =>
            ordered ? (
              <OrderedHeadCell key={column.id} column={column} ordered={ordered} />
            ) : (
              <HeadCell
                key={column.id}
                column={column}
                sorting={sorting}
                // Nobody should get to a button that cannot be seen.
                onSort={unseen ? undefined : setSorting}
              />
            ),
          )}
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
  );
  if (unseen) {
    return <div className="visually-hidden">{table}</div>;
  }
  return (
    <div
      ref={measured}
      className={classes.scroll}
      style={{ maxHeight }}
      // A region that scrolls must be reachable by keyboard, and then needs a name.
      {...(scrolls ? { tabIndex: 0, role: "region", "aria-label": caption } : {})}
    >
      {table}
    </div>
  );
}

/** Whether the element's content is wider than the element; it is measured again whenever either changes. */
function useOverflow() {
  const [overflows, setOverflows] = useState(false);
  const measured = useCallback((element: HTMLElement | null) => {
    if (element === null) {
      return;
    }
    const observer = new ResizeObserver(() => setOverflows(element.scrollWidth > element.clientWidth));
    for (const each of [element, ...element.children]) {
      observer.observe(each);
    }
    return () => observer.disconnect();
  }, []);
  return [measured, overflows] as const;
}

interface HeadCellProps<Row> {
  readonly column: Column<Row>;
  readonly sorting: Sorting | null;
  readonly onSort: ((sorting: Sorting) => void) | undefined;
}

function HeadCell<Row>({ column, sorting, onSort }: HeadCellProps<Row>) {
  const active = sorting?.column === column.id ? sorting : null;
  const attributes = headAttributes(column);
  if (!column.sortBy || !onSort) {
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

function headAttributes<Row>(column: Column<Row>) {
  return {
    scope: "col" as const,
    className: column.numeric ? classes.numeric : undefined,
    "data-priority": column.priority ?? 1,
    style: column.width ? ({ "--column": column.width } as CSSProperties) : undefined,
  };
}

function OrderedHeadCell<Row>({
  column,
  ordered,
}: {
  readonly column: Column<Row>;
  readonly ordered: Ordered;
}) {
  const attributes = headAttributes(column);
  if (!ordered.columns.includes(column.id)) {
    return <th {...attributes}>{column.title}</th>;
  }
  const active = ordered.by === column.id;
  const direction = column.numeric || column.descends ? "descending" : "ascending";
  return (
    <th {...attributes} aria-sort={active ? direction : "none"}>
      <button type="button" className={classes.sort} onClick={() => ordered.onOrder(column.id)}>
        {column.title}
        <span aria-hidden="true" className={classes.arrow} data-active={active}>
          {direction === "ascending" ? "↑" : "↓"}
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

/** The table's rows for other programs; columns that are only drawn are left out. */
export function sheetOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Sheet {
  const told = columns.flatMap(({ title, sortBy, exported }) => {
    const value = exported?.value ?? sortBy;
    return value ? [{ title: exported?.title ?? title, value }] : [];
  });
  return {
    columns: told.map(({ title }) => title),
    rows: rows.map((row) => told.map(({ value }) => value(row))),
  };
}
