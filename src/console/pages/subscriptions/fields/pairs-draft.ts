import { err, ok, type Result } from "../../../../kernel/result.ts";

/** Lines of "name: value" as an object; the error names the first line that is none. */
export function readPairs(text: string): Result<Record<string, string>, string> {
  const pairs = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const [, name = "", value = ""] = /^\s*([^:]+?)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === "") return err(`"${line.trim()}" has no colon between a name and a value.`);
    if (pairs.has(name)) return err(`"${name}" is there twice.`);
    pairs.set(name, value);
  }
  return ok(Object.fromEntries(pairs));
}

export const writePairs = (pairs: Record<string, string>): string =>
  Object.entries(pairs)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
