/** Stands in for `parseUrlVariables` of the parser, which looks for an end from each `{` to the end of a text that has none. */
export function parseUrlVariables(text: unknown): string[] {
  if (typeof text !== "string") return [];
  // What is in braces stands in one line.
  return text.split(/[\n\r\u2028\u2029]/).flatMap((line) => {
    const found = line.slice(0, line.lastIndexOf("}") + 1).matchAll(/\{(.+?)\}/g);
    return Array.from(found, ([, name = ""]) => name);
  });
}
