import { checkThat } from "../checks.ts";
import { isEqual, isRecord, quote } from "../json-value.ts";
import { MESSAGE_CHARS_MAX, SCHEMA_QUOTE_CHARS_MAX } from "../limits.ts";
import type { Check } from "../run.ts";
import type { Keywords } from "./keywords.ts";

// From 2^53 on, a number that JSON.parse has made is whole, and so is what was too large for it.
const isInteger = (value: unknown): boolean =>
  typeof value === "number" && (Number.isInteger(value) || Math.abs(value) === Number.POSITIVE_INFINITY);

const TYPES = new Map<unknown, { article: string; holds: (value: unknown) => boolean }>([
  ["string", { article: "a string", holds: (value) => typeof value === "string" }],
  ["number", { article: "a number", holds: (value) => typeof value === "number" }],
  ["integer", { article: "an integer", holds: isInteger }],
  ["boolean", { article: "true or false", holds: (value) => typeof value === "boolean" }],
  ["null", { article: "null", holds: (value) => value === null }],
  ["array", { article: "an array", holds: Array.isArray }],
  ["object", { article: "an object", holds: isRecord }],
]);

/** `type` */
export function compileTypeCheck(keywords: Keywords): Check | undefined {
  const named = keywords.value("type");
  if (named === undefined) return undefined;
  const types = (Array.isArray(named) ? named : [named]).map((name) => TYPES.get(name));
  const known = types.filter((type) => type !== undefined);
  const [only] = known;
  if (!only || known.length < types.length)
    return keywords.fault("type", `one or more of ${[...TYPES.keys()].join(", ")}`);
  const message = `must be ${known.map(({ article }) => article).join(" or ")}`;
  if (known.length === 1) return checkThat("type", message, only.holds);
  return checkThat("type", message, (value) => known.some(({ holds }) => holds(value)));
}

/** `const` and `enum` */
export function compileValueChecks(keywords: Keywords): Check[] {
  const constant = keywords.value("const");
  const values = keywords.values("enum");
  return [
    ...(constant === undefined ? [] : [compileEnum("const", [constant], "must be")]),
    ...(values === undefined ? [] : [compileEnum("enum", values, "must be one of")]),
  ];
}

function compileEnum(keyword: string, values: unknown[], says: string): Check {
  const scalars = new Set(values.filter((value) => typeof value !== "object" || value === null));
  const composites = values.filter((value) => typeof value === "object" && value !== null);
  const shown = values.map((value) => quote(value, SCHEMA_QUOTE_CHARS_MAX)).join(", ");
  const message = `${says} ${shown}`.slice(0, MESSAGE_CHARS_MAX);
  return (value, run, at) => {
    const isFound =
      typeof value === "object" && value !== null
        ? composites.some((composite) => isEqual(value, composite, run))
        : scalars.has(value);
    return isFound || run.fail(at, keyword, message);
  };
}
