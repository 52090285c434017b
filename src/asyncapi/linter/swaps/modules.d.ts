declare module "nimma/legacy" {
  type Fallback = { runtimeDeps: Map<string, unknown> };
  export type Query = (
    input: Record<string, unknown> | unknown[],
    callbacks: Record<string, (scope: unknown) => void>,
  ) => void;

  export default class Nimma {
    readonly sourceCode: string;
    constructor(expressions: string[], options: { fallback?: Fallback | null });
    query: Query;
  }
}

declare module "nimma/runtime";

/** Made by the build of the linter: the code of each list of JSONPath expressions that its rules ask for. */
declare module "virtual:compiled-queries" {
  import type { Query } from "nimma/legacy";

  const compiledQueries: Map<string, (...runtime: unknown[]) => Query>;
  export default compiledQueries;
}
