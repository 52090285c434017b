import { ALWAYS, checkThat, never } from "../checks.ts";
import { canonicalText } from "../json-value.ts";
import type { SchemaPlace } from "../references.ts";
import type { Check } from "../run.ts";
import { textSteps } from "../step-budget.ts";
import type { Subschemas } from "../subschemas.ts";
import type { Keywords } from "./keywords.ts";

/** What only arrays are asked. */
export function compileArrayChecks(keywords: Keywords, subschemas: Subschemas): Check<unknown[]>[] {
  const checks: Check<unknown[]>[] = [];
  const least = keywords.count("minItems");
  if (least !== undefined) {
    checks.push(checkThat("minItems", `must have ${least} or more items`, (items) => items.length >= least));
  }
  const most = keywords.count("maxItems");
  if (most !== undefined) {
    checks.push(checkThat("maxItems", `must have ${most} or fewer items`, (items) => items.length <= most));
  }
  const items = compileItems(keywords, subschemas);
  if (items) checks.push(items);
  const contained = keywords.schema("contains");
  if (contained) checks.push(compileContains(subschemas.compile(contained)));
  if (keywords.flag("uniqueItems")) checks.push(checkUnique);
  return checks;
}

/** `items`, and `additionalItems` where `items` is a list. */
function compileItems(keywords: Keywords, subschemas: Subschemas): Check<unknown[]> | undefined {
  const isList = Array.isArray(keywords.value("items"));
  const listed = isList ? (keywords.schemas("items") ?? []).map((place) => subschemas.compile(place)) : [];
  const others = isList ? keywords.schema("additionalItems") : keywords.schema("items");
  const rest = others && compileRest(others, isList ? "additionalItems" : "items", subschemas);
  if (listed.length === 0 && !rest) return undefined;
  return (items, run, at) => {
    let isValid = true;
    const end = rest ? items.length : Math.min(items.length, listed.length);
    for (let index = 0; index < end; index++) {
      const check = listed[index] ?? rest ?? ALWAYS;
      if (check(items[index], run, run.within(at, index))) continue;
      if (!run.goesOn) return false;
      isValid = false;
    }
    return isValid;
  };
}

const compileRest = (place: SchemaPlace, keyword: string, subschemas: Subschemas): Check =>
  place.value === false ? never(keyword) : subschemas.compile(place);

const compileContains =
  (check: Check): Check<unknown[]> =>
  (items, run, at) =>
    items.some((item) => run.ask(check, item)) || run.fail(at, "contains", "must have an item that it does not have");

/** Scalars are looked up, and so is the one text that all equal objects have: no item is compared with every other. */
const checkUnique: Check<unknown[]> = (items, run, at) => {
  const scalars = new Set<unknown>();
  let texts: Set<unknown> | undefined;
  run.steps -= items.length;
  for (let index = 0; index < items.length; index++) {
    if (run.steps < 0) return false;
    const item = items[index];
    // The platform tells long texts of one length apart only by looking at them.
    if (typeof item === "string") run.steps -= textSteps(item);
    const isComposite = typeof item === "object" && item !== null;
    if (isComposite) texts ??= new Set();
    const seen = isComposite && texts ? texts : scalars;
    const key = isComposite ? canonicalText(item, run) : item;
    if (seen.has(key)) return run.fail(run.within(at, index), "uniqueItems", "is the same as an item before it");
    seen.add(key);
  }
  return true;
};
