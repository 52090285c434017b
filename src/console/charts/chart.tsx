import { lazy, Suspense, useState } from "react";
import { loadPart } from "../parts/load-part.ts";
import styles from "./charts.module.css";
import type { Series } from "./series.ts";

const LineChart = lazy(async () => {
  const { LineChart } = await loadPart(() => import("./line-chart.tsx"));
  return { default: LineChart };
});

type Props = { series: Series; atMs: number[]; isLong: boolean };

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "short" });

/** A chart with what it says in words, what is pointed at, and the same as a table. */
export function Chart({ series, atMs, isLong }: Props) {
  const [pointed, setPointed] = useState<number | null>(null);
  const [isTable, setTable] = useState(false);
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.caption}>
        <h3>{series.title}</h3>
        <p>{pointed === null ? series.summary : sayPoint(series, atMs, pointed)}</p>
      </figcaption>
      <Suspense fallback={<div className={styles.canvas} />}>
        <LineChart series={series} atMs={atMs} isLong={isLong} onPoint={setPointed} />
      </Suspense>
      <div className={styles.foot}>
        {series.lines.length > 1 && (
          <ul className={styles.legend}>
            {series.lines.map(({ label, token }) => (
              <li key={label}>
                <span className={styles.swatch} style={{ background: `var(${token})` }} aria-hidden="true" />
                {label}
              </li>
            ))}
          </ul>
        )}
        <details className={styles.table} onToggle={({ currentTarget }) => setTable(currentTarget.open)}>
          <summary>As a table</summary>
          {isTable && <SeriesTable series={series} atMs={atMs} />}
        </details>
      </div>
    </figure>
  );
}

function sayPoint({ lines, format }: Series, atMs: number[], index: number): string {
  const values = lines.map(({ values }) => values[index]).filter((value) => value !== null && value !== undefined);
  return `${moment.format(atMs[index])}: ${values.length > 0 ? values.map(format).join(" · ") : "nothing"}`;
}

function SeriesTable({ series: { title, lines, format }, atMs }: Omit<Props, "isLong">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys (WCAG 2.1.1)
    <section className={styles.rows} tabIndex={0} aria-label={`${title} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {lines.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {atMs.map((ms, i) => (
            <tr key={ms}>
              <th scope="row">{moment.format(ms)}</th>
              {lines.map(({ label, values }) => (
                <td key={label}>{formatValue(values[i], format)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const formatValue = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined ? "–" : format(value);
