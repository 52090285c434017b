import { dollarsPerMillion } from "./billing.ts";
import type { CaseResult, Measured } from "./run-case.ts";

type Column = { title: [string, string]; of: (row: Row) => string };
type Row = { label: string; measured: Measured; result: CaseResult | null };

const rate = (value: number): string => Math.round(value).toLocaleString("en");
const ms = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1));
const few = (value: number): string => (value >= 10 ? value.toFixed(1) : value.toFixed(value < 0.01 ? 4 : 3));
const dollars = (value: number): string => value.toFixed(2);
const orNothing = (value: number | null | undefined, show: (value: number) => string): string =>
  value === null || value === undefined ? "·" : show(value);

const COLUMNS: Column[] = [
  { title: ["", "case"], of: ({ label }) => label },
  { title: ["accepted", "/s"], of: ({ measured }) => rate(measured.acceptedPerSecond) },
  { title: ["delivered", "/s"], of: ({ measured }) => rate(measured.deliveredPerSecond) },
  { title: ["(b)/(a)", ""], of: ({ result }) => orNothing(result?.ratio, (value) => value.toFixed(2)) },
  { title: ["accept ms", "p50"], of: ({ measured }) => ms(measured.acceptMs.p50) },
  { title: ["", "p99"], of: ({ measured }) => ms(measured.acceptMs.p99) },
  { title: ["end to end ms", "p50"], of: ({ measured }) => ms(measured.endToEndMs.p50) },
  { title: ["", "p99"], of: ({ measured }) => ms(measured.endToEndMs.p99) },
  { title: ["an event", "object"], of: ({ result }) => orNothing(result?.perEvent.objectRequests, few) },
  { title: ["", "rows"], of: ({ result }) => orNothing(result?.perEvent.rowsWritten, few) },
  { title: ["", "$/M"], of: ({ result }) => orNothing(result && dollarsPerMillion(result.perEvent), dollars) },
  { title: ["a delivery", "worker"], of: ({ result }) => orNothing(result?.perDelivery.workerRequests, few) },
  { title: ["", "object"], of: ({ result }) => orNothing(result?.perDelivery.objectRequests, few) },
  { title: ["", "rows"], of: ({ result }) => orNothing(result?.perDelivery.rowsWritten, few) },
  { title: ["", "queue"], of: ({ result }) => orNothing(result?.perDelivery.queueOperations, few) },
  { title: ["", "$/M"], of: ({ result }) => orNothing(result && dollarsPerMillion(result.perDelivery), dollars) },
  { title: ["", "verdict"], of: ({ result }) => verdictOf(result) },
];

const LEGEND = `
(a)         a bare Worker that forwards each POST to the receiver; measured anew, just before each case, with its publishers
(b)/(a)     deliveries of the relay for each forward of (a): the number to look at, for the rest depends on the machine
accepted    events a second while publishing; each publisher sends its next event when the last one is answered
delivered   deliveries a second from the first publish to the last arrival; end to end: from sending to arrival, backlog included
an event    publishing it: Worker request (always 1), object requests, rows written; a delivery: what each subscriber adds
rows        D1 and objects, setAlarm included; queue: write, read, delete, and one more for a retry; $/M: a million of them, without CPU time
sparse      one event a second, each with a key of its own`;

export function renderTable(results: CaseResult[]): string {
  const rows = results.flatMap((result): Row[] => [
    ...(result.bare ? [{ label: `(a) ${publishersOf(result)}`, measured: result.bare, result: null }] : []),
    { label: `(b) ${labelOf(result)}`, measured: result.relay, result },
  ]);
  const lines = [0, 1].map((i) => COLUMNS.map(({ title }) => title[i] ?? ""));
  const cells = [...lines, ...rows.map((row) => COLUMNS.map(({ of }) => of(row)))];
  const widths = COLUMNS.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const rendered = cells.map((line) =>
    line
      .map((cell, i) => pad(cell, widths[i] ?? 0, i))
      .join("  ")
      .trimEnd(),
  );
  const rule = "─".repeat(Math.max(...rendered.map((line) => line.length)));
  return [...rendered.slice(0, 2), rule, ...rendered.slice(2), rule, LEGEND].join("\n");
}

const pad = (cell: string, width: number, column: number): string =>
  column === 0 || column === COLUMNS.length - 1 ? cell.padEnd(width) : cell.padStart(width);

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

const publishersOf = ({ case: { publishers } }: CaseResult): string => plural(publishers, "publisher");

function labelOf(result: CaseResult): string {
  const { subscriptions, keys, pace } = result.case;
  const kind = pace === "sparse" ? "sparse" : keys > 0 ? `${keys.toLocaleString("en")} keys` : "no keys";
  return `${publishersOf(result)}, ${plural(subscriptions, "subscription")}, ${kind}`;
}

/** Everything accepted has arrived, in order per key; or what is wrong. */
function verdictOf(result: CaseResult | null): string {
  if (!result) return "";
  const faults = faultsOf(result);
  const repeats = result.repeats > 0 ? `, ${result.repeats} repeated` : "";
  return (faults.length === 0 ? "all, in order" : faults.join(", ").toUpperCase()) + repeats;
}

export function faultsOf({ faults }: CaseResult): string[] {
  return [
    ...(faults.refused > 0 ? [`${faults.refused} refused`] : []),
    ...(faults.missing > 0 ? [`${faults.missing} missing`] : []),
    ...(faults.outOfOrder > 0 ? [`${faults.outOfOrder} out of order`] : []),
  ];
}
