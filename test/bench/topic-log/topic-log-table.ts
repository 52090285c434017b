import type { ScenarioMeasured } from "./measure-topic-log.ts";
import type { Cost } from "./stage.ts";

const count = (value: number): string => Math.round(value).toLocaleString("en");
const rows = (value: number): string => (value < 10 ? value.toFixed(2).replace(".00", "") : count(value));
const KINDS: { title: string; of(cost: Cost): string }[] = [
  { title: "µs", of: ({ microseconds }) => count(microseconds) },
  { title: "read", of: ({ rowsRead }) => rows(rowsRead) },
  { title: "written", of: ({ rowsWritten }) => rows(rowsWritten) },
  { title: "wakes", of: ({ wakes }) => rows(wakes) },
];

const LEGEND = `
read, written  rows of an operation, as an object is billed for them; wakes: those that it sends
held           what the log holds in memory, in KiB, measured in Node; SQLite's own pages apart
events         a log of so many events, each with a key of its own, all of them outstanding, or blocked, or dead, for a subscription
the others     a log of so many subscriptions, and which of them want an event`;

/** A table for each scenario: a line an operation, and for each size what it costs. */
export const renderTopicLog = (results: ScenarioMeasured[]): string =>
  [...results.map(renderScenario), LEGEND].join("\n\n");

function renderScenario({ name, sizes, measured, heldBytes }: ScenarioMeasured): string {
  const kinds = KINDS.filter(
    ({ title }) => title !== "wakes" || measured.some(({ costs }) => costs.some((c) => c.wakes > 0)),
  );
  const held = heldBytes.map((bytes) => [`${count(bytes / 1024)} KiB`, ...kinds.slice(1).map(() => "")]);
  const lines = [
    [name, ...sizes.flatMap((size) => [count(size), ...kinds.slice(1).map(() => "")])],
    ["", ...sizes.flatMap(() => kinds.map(({ title }) => title))],
    ...measured.map((operation) => [
      operation.name,
      ...operation.costs.flatMap((cost) => kinds.map(({ of }) => of(cost))),
    ]),
    ["held", ...held.flat()],
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const rendered = lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  const rule = "─".repeat(Math.max(...rendered.map((line) => line.length)));
  return [...rendered.slice(0, 2), rule, ...rendered.slice(2), rule].join("\n");
}
