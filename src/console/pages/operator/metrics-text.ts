export type Sample = { labels: Readonly<Record<string, string>>; value: number };

/** The samples of each metric, by its name. */
export type Metrics = ReadonlyMap<string, readonly Sample[]>;

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads Prometheus' text format 0.0.4, as the relay writes it; a line that is none of it says nothing. */
export function readMetrics(text: string): Metrics {
  const metrics = new Map<string, Sample[]>();
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    const [, name, labels = "", value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const samples = metrics.get(name) ?? [];
    samples.push({ labels: readLabels(labels), value: Number(value.replace("Inf", "Infinity")) });
    metrics.set(name, samples);
  }
  return metrics;
}

const readLabels = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(LABEL)].map(([, name = "", value = ""]) => [name, readEscapes(value)]));

const readEscapes = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));

/** Of several answers, each about other logs. What is the same in each of them, the last one says. */
export function joinMetrics(all: Metrics[]): Metrics {
  const joined = new Map<string, readonly Sample[]>();
  for (const [name, samples] of all.flatMap((metrics) => [...metrics]))
    joined.set(name, [...(joined.get(name) ?? []), ...samples]);
  return joined;
}
