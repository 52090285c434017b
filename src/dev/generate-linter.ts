import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import specs from "@asyncapi/specs";
import { type BuildOptions, build, type Plugin } from "esbuild";
import type { LintProfile } from "../asyncapi/linter/linter.ts";

const LINTER = join(import.meta.dirname, "../asyncapi/linter");
const GENERATED = join(import.meta.dirname, "../asyncapi/generated");
const SWAPS = join(LINTER, "swaps");

/** Which modules of the stock parser are not taken as they are: what they are called where, and what stands in for them. */
const SWAPPED = [
  // Compiles the standard's schemas once, not once a document, and runs no pattern of a document without bound.
  { module: /^\.\/ajv$/, importer: /spectral-functions\/dist\/schema\/index\.js$/, by: "ajv-instances.ts" },
  // Compiles the rules' JSONPath expressions ahead.
  { module: /^nimma\/legacy$/, importer: /spectral-core/, by: "nimma.ts" },
  // Evaluates no expression that a document brings into a message.
  { module: /^\.\.\/\.\.\/utils\/replacer$/, importer: /spectral-core\/dist\/runner/, by: "replacer.ts" },
  // Looks up references without looking at all others, and bounds what it costs where they stand in chains.
  { module: /^dependency-graph$/, importer: /json-ref-resolver/, by: "dependency-graph.ts" },
  // Finds a value's place in the text without looking at all others.
  { module: /^\.\/getLocationForJsonPath$/, importer: /@stoplight\/yaml\/index\.js$/, by: "yaml-locations.ts" },
  // Bounds the comparing of wrong values with those that an enum allows.
  { module: /^leven$/, importer: /better-ajv-errors/, by: "string-distance.ts" },
  // Looks up variables of addresses and their parameters without looking at all others.
  { module: /^\.\/parseUrlVariables$/, importer: /parser\/esm\/ruleset/, by: "url-variables.ts" },
  { module: /^\.\/getRedundantProps$/, importer: /parser\/esm\/ruleset/, by: "redundant-members.ts" },
  // Merges a message with its traits once.
  { module: /^\.\/mergeTraits$/, importer: /parser\/esm\/ruleset\/utils\/index\.js$/, by: "merge-traits.ts" },
  // Bounds the rules' own patterns, and the comparing of tags.
  { module: /\/functions\/uniquenessTags$/, importer: /parser\/esm\/ruleset\/v\d/, by: "unique-tags.ts" },
  { module: /^\.\/pattern$/, importer: /spectral-functions\/dist\/index\.js$/, by: "pattern.ts" },
  // Compares the items of a list, and constants, by a text that is made once.
  { module: /^\.\/uniqueItems$/, importer: /ajv\/dist\/vocabularies\/validation\/index\.js$/, by: "unique-items.ts" },
  { module: /runtime\/equal$/, importer: /ajv\/dist/, by: "deep-equal.ts" },
  { module: /runtime\/ucs2length$/, importer: /ajv\/dist/, by: "text-length.ts" },
  // Nothing is ever fetched or read from a disk.
  { module: /^@stoplight\/json-ref-readers$/, importer: /./, by: "json-ref-readers.ts" },
  // A parser for Avro schemas that nothing registers, what would fetch, and modules of Node.
  { module: /^(?:avsc|node-fetch|fs|path|util|buffer|stream)$/, importer: /./, by: "nothing.cjs" },
];

/** The code of a module that maps lists of JSONPath expressions to functions that run them. */
const NO_QUERIES = "export default new Map();";

function swapModules(compiledQueries: string): Plugin {
  return {
    name: "swap-modules",
    setup({ onResolve, onLoad }) {
      for (const { module, importer, by } of SWAPPED) {
        onResolve({ filter: module }, (asked) =>
          importer.test(asked.importer) ? { path: join(SWAPS, by) } : undefined,
        );
      }
      onResolve({ filter: /^virtual:compiled-queries$/ }, ({ path }) => ({ path, namespace: "virtual" }));
      onLoad({ filter: /./, namespace: "virtual" }, () => ({ contents: compiledQueries }));
    },
  };
}

const options = (compiledQueries: string): BuildOptions => ({
  bundle: true,
  format: "esm",
  target: "es2022",
  mainFields: ["module", "main"],
  conditions: ["workerd", "worker", "browser"],
  // The code that the parser generates at run time goes to an interpreter.
  define: { Function: "InterpretedFunction" },
  inject: [join(SWAPS, "function-constructor.ts")],
  plugins: [swapModules(compiledQueries)],
  logLevel: "warning",
});

/** Lints a document of each version under each profile, and takes down which lists of expressions were asked for. */
async function compileQueries(): Promise<string> {
  const probe = join(GENERATED, "probe.js");
  await build({ ...options(NO_QUERIES), entryPoints: [join(LINTER, "query-probe.ts")], outfile: probe });
  const linter: typeof import("../asyncapi/linter/query-probe.ts") = await import(pathToFileURL(probe).href);
  const profiles: LintProfile[] = [{ name: "relay" }, { name: "fortellis", tokenUrls: [], tags: null }];
  for (const version of [...Object.keys(specs.schemas), "0.0.0"]) {
    for (const profile of profiles) await linter.lintText(JSON.stringify({ asyncapi: version }), profile);
  }
  rmSync(probe);
  const entries = [...linter.askedQueries].map(
    ([key, { parameters, body }]) => `[${JSON.stringify(key)}, (${parameters.join(", ")}) => {${body}}]`,
  );
  return `export default new Map([${entries.join(",\n")}]);`;
}

/** Makes the linter's module: AsyncAPI's own parser and all it needs as one file, which Workers, tests and bundlers load as it is. */
async function generateLinter(): Promise<void> {
  await build({
    ...options(await compileQueries()),
    entryPoints: [join(LINTER, "linter.ts")],
    outfile: join(GENERATED, "linter.js"),
    minify: true,
    legalComments: "linked",
  });
  const source = JSON.stringify("../linter/linter.ts");
  writeFileSync(join(GENERATED, "linter.d.ts"), `export { lintText, parseText } from ${source};\n`);
}

await generateLinter();
