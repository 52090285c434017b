/** A metric as Prometheus reads it. */
export type ReadFamily = { help: string; type: string; samples: { labels: Record<string, string>; value: number }[] };

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = String.raw`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"`;
const HELP = new RegExp(`^# HELP (${NAME}) (.*)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(String.raw`^(${NAME})(?:\{((?:${LABEL},?)*)\})? (\S+)$`);

const readEscapes = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));

/**
 * Reads Prometheus' text format 0.0.4 as its page on exposition formats says it, written apart from what writes it. Throws at
 * anything that a strict reader refuses: a line that is none, a sample before its type, a metric or a sample that is there twice.
 */
export function readPrometheusText(text: string): Map<string, ReadFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, ReadFamily>();
  const seen = new Set<string>();
  let help: RegExpExecArray | null = null;
  let current: string | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const type = TYPE.exec(line);
    if (type?.[1] && type[2]) {
      if (help?.[1] !== type[1] || families.has(type[1])) throw new Error(`out of place: ${line}`);
      current = type[1];
      families.set(current, { help: readEscapes(help[2] ?? ""), type: type[2], samples: [] });
    } else if (line.startsWith("#")) {
      help = HELP.exec(line);
      if (!help) throw new Error(`not a HELP line: ${line}`);
    } else {
      const { name, labels, value } = readSample(line);
      if (name !== current) throw new Error(`a sample outside its metric: ${line}`);
      const key = JSON.stringify([name, labels]);
      if (seen.has(key)) throw new Error(`twice: ${line}`);
      seen.add(key);
      families.get(name)?.samples.push({ labels, value });
    }
  }
  return families;
}

function readSample(line: string): { name: string; labels: Record<string, string>; value: number } {
  const [, name, labels = ""] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a sample: ${line}`);
  const pairs = [...labels.matchAll(new RegExp(LABEL, "g"))];
  const text = line.slice(line.lastIndexOf(" ") + 1).replace("Inf", "Infinity");
  const value = Number(text);
  if (Number.isNaN(value) && text !== "NaN") throw new Error(`not a number: ${line}`);
  return { name, value, labels: Object.fromEntries(pairs.map(([, label = "", it = ""]) => [label, readEscapes(it)])) };
}
