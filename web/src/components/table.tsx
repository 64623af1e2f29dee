import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
}

interface TableProps<Row> {
  caption: string;
  /** A heading above says the same: the caption is told, not shown. */
  headed?: boolean;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  /** What stands in place of a table without rows. */
  empty: string;
}

/** A table; the first column names its row. On a narrow screen each row is a card (see parts.css). */
export function Table<Row>({ caption, headed, columns, rows, keyOf, empty }: TableProps<Row>) {
  if (rows.length === 0) return <p class="hint">{empty}</p>;
  // The roles are written out because a display of block takes them away.
  return (
    <table class="table" role="table">
      <caption class={headed ? 'visually-hidden' : ''}>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th scope="col" role="columnheader" key={column.title}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr role="row" key={keyOf(row)}>
            {columns.map((column, index) =>
              index === 0 ? (
                <th scope="row" role="rowheader" data-label={column.title} key={column.title}>
                  {column.cell(row)}
                </th>
              ) : (
                <td role="cell" data-label={column.title} key={column.title}>
                  {column.cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
