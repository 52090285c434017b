import { useEffect, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import styles from "./charts.module.css";
import type { Series } from "./series.ts";

const HEIGHT_PX = 148;
/** Whoever points into one chart reads all that stand together. */
const SYNC_KEY = "health";
const SCALE_PX = 52;
const TIMES_PX = 26;
/** Below it the steps of a scale would be fractions of what is counted. */
const TOP_MIN = 4;

type Props = {
  series: Series;
  atMs: number[];
  /** A day or longer: then its axis says days. */
  isLong: boolean;
  /** The bucket that is pointed at; null: none. */
  onPoint(index: number | null): void;
};

/** Lines over time, drawn on a canvas. */
export function LineChart({ series, atMs, isLong, onPoint }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const point = useRef(onPoint);
  point.current = onPoint;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const data: UPlot.AlignedData = [atMs.map((ms) => ms / 1000), ...series.lines.map(({ values }) => values)];
    const draw = (): UPlot =>
      new UPlot(
        optionsOf(element, series, isLong, (index) => point.current(index)),
        data,
        element,
      );
    let chart = draw();
    const redraw = (): void => {
      chart.destroy();
      chart = draw();
    };
    const stops = [
      watchSize(element, () => chart.setSize({ width: element.clientWidth, height: HEIGHT_PX })),
      watchScheme(redraw),
    ];
    return () => {
      for (const stop of stops) stop();
      chart.destroy();
    };
  }, [series, atMs, isLong]);
  return <div ref={box} className={styles.canvas} role="img" aria-label={`${series.title}: ${series.summary}`} />;
}

function watchSize(element: Element, onSize: () => void): () => void {
  const observer = new ResizeObserver(onSize);
  observer.observe(element);
  return () => observer.disconnect();
}

/** A canvas keeps the colours it was drawn with: the system's scheme may change, and the one that somebody chose. */
function watchScheme(onScheme: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", onScheme);
  const chosen = new MutationObserver(onScheme);
  chosen.observe(document.documentElement, { attributeFilter: ["data-scheme"] });
  return () => {
    system.removeEventListener("change", onScheme);
    chosen.disconnect();
  };
}

/** A token as a colour that a canvas knows: `light-dark()` is decided where it is used. */
function colourOf(element: Element, token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

function optionsOf(
  element: HTMLElement,
  { lines, top, format }: Series,
  isLong: boolean,
  onPoint: (index: number | null) => void,
): UPlot.Options {
  const soft = colourOf(element, "--text-soft");
  const grid = { stroke: colourOf(element, "--line"), width: 1 };
  const axis = { stroke: soft, font: `12px ${getComputedStyle(element).fontFamily}`, grid, ticks: { show: false } };
  const label = isLong ? day : time;
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: SYNC_KEY } },
    scales: { y: { range: (_, __, max) => [0, top ?? Math.max(max, TOP_MIN) * 1.15] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: TIMES_PX,
        space: 72,
        values: (_, at) => at.map((seconds) => label.format(seconds * 1000)),
      },
      { ...axis, size: SCALE_PX, space: 36, values: (_, values) => values.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ label, token, values }) => ({
        label,
        stroke: colourOf(element, token),
        width: 1.75,
        points: { show: isSparse(values), size: 5 },
      })),
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  };
}

/** A value between two gaps is no line: without a point nobody would see it. */
const isSparse = (values: (number | null)[]): boolean =>
  values.some((value, i) => value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null);
