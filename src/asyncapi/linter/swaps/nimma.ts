import compiledQueries from "virtual:compiled-queries";
import Nimma, { type Query } from "nimma/legacy";
import * as runtime from "nimma/runtime";

/**
 * Stands in for nimma/legacy, which turns a list of JSONPath expressions into code. The lists depend on the rules and on
 * the version of AsyncAPI alone: their code is compiled with the linter, and the interpreter is for a list that nobody foresaw.
 */

type Options = ConstructorParameters<typeof Nimma>[1];

/** The code of each list that was asked for, as the body of a function of Nimma's runtime and of what a fallback brings. */
export const askedQueries = new Map<string, { parameters: string[]; body: string }>();

const queries = new Map<string, Query>();

export default class CompiledNimma {
  readonly query: Query;

  constructor(expressions: string[], options: Options) {
    const key = JSON.stringify(expressions);
    const query = queries.get(key) ?? compileQuery(key, expressions, options);
    queries.set(key, query);
    this.query = query;
  }
}

function compileQuery(key: string, expressions: string[], options: Options): Query {
  const fallbacks = options.fallback?.runtimeDeps ?? new Map<string, unknown>();
  const compiled = compiledQueries.get(key);
  if (compiled) return compiled(runtime, ...fallbacks.values());
  const nimma = new Nimma(expressions, options);
  const imports = /import\s*({[^}]+})\s*from\s*['"][^'"]+['"];?/g;
  const body = nimma.sourceCode
    .replace("export default function", "return function")
    .replace(imports, "const $1 = nimma;");
  askedQueries.set(key, { parameters: ["nimma", ...fallbacks.keys()], body });
  return (...values) => nimma.query(...values);
}
