import type { ReactNode } from "react";
import styles from "./table.module.css";

export type Column<Row> = {
  /** Empty above what can be done with a row. */
  label: string;
  cell(row: Row): ReactNode;
  isEnd?: boolean;
};

type TableProps<Row> = {
  /** What the table lists, for those who cannot see it. */
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf(row: Row): string;
};

/** Rows of one kind; on a phone each of them is a card. */
export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>) {
  return (
    <div className={styles.scroll}>
      {/* The roles are those of a table where its style makes it none. */}
      <table className={styles.table} aria-label={caption}>
        <thead>
          <tr>
            {columns.map(({ label, isEnd }, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns never change their places
              <th key={n} scope="col" className={isEnd ? styles.end : undefined}>
                {label || <span className={styles.unseen}>Actions</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ label, cell, isEnd }, n) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns never change their places
                <td key={n} data-label={label || undefined} className={isEnd ? styles.end : undefined}>
                  {label === "" ? <div className={styles.acts}>{cell(row)}</div> : cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
