import type { LiveMeasured } from "./measure-live.ts";

type Column = { title: [string, string]; of: (row: LiveMeasured) => string };

const ms = (value: number | undefined): string =>
  value === undefined ? "·" : value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
const few = (value: number): string => value.toFixed(2).replace(/\.00$/, "");
const mib = (bytes: number): string => Math.round(bytes / 2 ** 20).toLocaleString("en");
const perEvent = (count: (row: LiveMeasured) => number) => (row: LiveMeasured) => few(count(row) / row.case.events);

const COLUMNS: Column[] = [
  { title: ["live", "listeners"], of: labelOf },
  { title: ["", "hubs"], of: ({ counts }) => String(counts.hubs) },
  { title: ["sent → answer", "ms"], of: ({ stepsMs }) => ms(stepsMs?.accept.p50) },
  { title: ["first", "ms"], of: ({ stepsMs }) => ms(stepsMs?.first.p50) },
  { title: ["last", "p50"], of: ({ stepsMs }) => ms(stepsMs?.last.p50) },
  { title: ["", "p99"], of: ({ stepsMs }) => ms(stepsMs?.last.p99) },
  { title: ["µs a", "listener"], of: microsecondsEach },
  { title: ["any one", "p50"], of: ({ endToEndMs }) => ms(endToEndMs.p50) },
  { title: ["", "p99"], of: ({ endToEndMs }) => ms(endToEndMs.p99) },
  { title: ["an event: log", "pokes"], of: perEvent(({ counts }) => counts.pokes) },
  { title: ["", "reads"], of: perEvent(({ counts }) => counts.reads) },
  { title: ["", "read"], of: perEvent(({ counts }) => counts.rowsRead) },
  { title: ["", "written"], of: perEvent(({ counts }) => counts.rowsWritten) },
  { title: ["", "ms"], of: perEvent(({ counts }) => counts.readingMs) },
  { title: ["MiB", "before"], of: ({ bytes }) => mib(bytes.before) },
  { title: ["", "connected"], of: ({ bytes }) => mib(bytes.connected) },
  { title: ["", "published"], of: ({ bytes }) => mib(bytes.published) },
  { title: ["KiB a", "listener"], of: kibEach },
  { title: ["", "verdict"], of: verdictOf },
];

const LEGEND = `
listeners      all of one topic; one event at a time, unless a rate is said
sent → …       from sending an event: until the publish is answered, until it is in the hands of the first and of the last listener, of any one.
               Here log and hubs share one thread, and the answer waits for it; deployed, each object has its own
µs a listener  from the first to the last, shared out
an event: log  what one event costs its log: pokes of hubs, pages read by them, rows read and written (the append's own and the alarm's
               included), and the time of the readings in ms
MiB            what workerd holds: when nobody listens, when all are connected, after all events; KiB a listener: connected, less before`;

/** A line for each case. */
export function renderLive(rows: LiveMeasured[]): string {
  const cells = [...[0, 1].map((i) => COLUMNS.map(({ title }) => title[i] ?? "")), ...rows.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const rendered = cells.map((line) =>
    line
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join("  ")
      .trimEnd(),
  );
  const rule = "─".repeat(Math.max(...rendered.map((line) => line.length)));
  return [...rendered.slice(0, 2), rule, ...rendered.slice(2), rule, LEGEND].join("\n");
}

const cellsOf = (row: LiveMeasured): string[] => COLUMNS.map(({ of }) => of(row));

const pad = (cell: string, width: number, column: number): string =>
  column === 0 || column === COLUMNS.length - 1 ? cell.padEnd(width) : cell.padStart(width);

function labelOf({ case: { label }, acceptedPerSecond }: LiveMeasured): string {
  return acceptedPerSecond === null ? label : `${label}, ${Math.round(acceptedPerSecond)} events/s`;
}

function microsecondsEach({ case: { listeners }, stepsMs }: LiveMeasured): string {
  return stepsMs ? (((stepsMs.last.p50 - stepsMs.first.p50) * 1000) / listeners).toFixed(1) : "·";
}

function kibEach({ case: { listeners }, bytes }: LiveMeasured): string {
  return ((bytes.connected - bytes.before) / 1024 / listeners).toFixed(1);
}

/** Everything accepted has come to everybody, once and in order per key; or what is wrong. */
function verdictOf(row: LiveMeasured): string {
  const faults = liveFaultsOf(row);
  return faults.length === 0 ? "all, once, in order" : faults.join(", ").toUpperCase();
}

export const liveFaultsOf = ({ faults }: LiveMeasured): string[] =>
  Object.entries({
    ...{ missing: faults.missing, repeated: faults.repeats, "out of order": faults.outOfOrder, closed: faults.closed },
  }).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
