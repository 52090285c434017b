/** What the build of the linter runs to find out which JSONPath expressions the rules ask for. */
export { lintText } from "./linter.ts";
export { askedQueries } from "./swaps/nimma.ts";
