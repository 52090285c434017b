import { type EnforceMeasured, measureEnforce } from "./enforce.ts";
import { type LintMeasured, measureLint } from "./lint.ts";
import { measureStartup, type StartupMeasured } from "./startup.ts";
import { measureValidation, type ValidationMeasured } from "./validation.ts";

export type AsyncapiMeasured = {
  lint: LintMeasured;
  validation: ValidationMeasured;
  enforce: EnforceMeasured;
  startup: StartupMeasured;
};

/** What AsyncAPI costs at the edge. `origin`: a relay in workerd. */
export async function measureAsyncapi(origin: string, quick: boolean): Promise<AsyncapiMeasured> {
  return {
    lint: await measureLint(origin, quick),
    validation: measureValidation(quick),
    enforce: await measureEnforce(origin, quick),
    startup: await measureStartup(quick),
  };
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const rate = (value: number): string => `${Math.round(value).toLocaleString("en")}/s`;

/** A table of three columns: what, how much, against what. */
export function renderAsyncapi({ lint, validation, enforce, startup }: AsyncapiMeasured): string {
  const rows = [
    ["AsyncAPI", "measured", "compared"],
    [
      "lint",
      `${ms(lint.relayMs)} a document in workerd, over HTTP`,
      `${lint.ratio.toFixed(2)} of the stock parser in Node (${ms(lint.stockMs)}); medians of ${lint.documents} documents`,
    ],
    [
      "first lint",
      ms(lint.firstMs),
      "the first document of an isolate: the parser is loaded and AsyncAPI's schemas compiled",
    ],
    [
      "validation",
      `${validation.microsecondsPerEvent.toFixed(1)} µs an event`,
      `an order of 20 items, ${enforce.bytes.toLocaleString("en")} bytes; parsing its JSON takes ${validation.parseMicroseconds.toFixed(1)} µs`,
    ],
    [
      "enforce",
      `${rate(enforce.enforcePerSecond)} published`,
      `${enforce.ratio.toFixed(2)} of validation off (${rate(enforce.offPerSecond)}), in turn`,
    ],
    [
      "start-up",
      `${ms(startup.activeMs)} active`,
      `${Math.round(startup.bundleKib).toLocaleString("en")} KiB, ${Math.round(startup.gzipKib)} KiB gzip; the linter is in it and not evaluated`,
    ],
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const rule = "─".repeat(Math.max(...lines.map((line) => line.length)));
  return [lines[0], rule, ...lines.slice(1), rule].join("\n");
}
