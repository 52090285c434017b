/** The media type of Prometheus' text format. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export type Labels = Record<string, string>;

export type Sample = { labels: Labels; value: number };

/** A metric with all its samples. A counter's name ends in `_total`. */
export type Family = { name: string; type: "counter" | "gauge"; help: string; samples: Sample[] };

/** Writes families in Prometheus' text format 0.0.4; one without samples is left out. */
export const writeFamilies = (families: Family[]): string =>
  families
    .filter(({ samples }) => samples.length > 0)
    .map(writeFamily)
    .join("");

const writeFamily = ({ name, type, help, samples }: Family): string =>
  [
    `# HELP ${name} ${escapeHelp(help)}`,
    `# TYPE ${name} ${type}`,
    ...samples.map((it) => writeSample(name, it)),
    "",
  ].join("\n");

function writeSample(name: string, { labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${writeValue(value)}`;
}

/** As Go reads them. */
function writeValue(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

const escapeHelp = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

/** Publishers choose the names of their channels: nothing in one ends its label. */
const escapeLabel = (text: string): string => escapeHelp(text.toWellFormed()).replaceAll('"', '\\"');
