import { isRecord, type JsonRecord, ownMember } from "../json-value.ts";
import { SAMPLE_PARTS_MAX, SAMPLE_TURNS_MAX } from "../limits.ts";
import type { SchemaDocument, SchemaPlace } from "../references.ts";

/** A schema object that a value must match, and where it stands. */
export type SchemaPart = { schema: JsonRecord; place: SchemaPlace };

/** Everything that a value must match at once. `turns`: how many different choices there are to be made. */
export type SchemaParts = { parts: SchemaPart[]; turns: number };

/**
 * Takes schemas apart that a value must match all: references are followed, `allOf` is what it holds, and of each choice
 * (`oneOf`, `anyOf`, `if`) one alternative is taken; `turn` says which.
 */
export function takeApart(places: SchemaPlace[], document: SchemaDocument, turn: number): SchemaParts {
  const parts: SchemaPart[] = [];
  const seen = new Set<JsonRecord>();
  const pending = places.toReversed();
  let turnsLeft = turn;
  let turns = 1;
  const choose = (count: number): number => {
    const chosen = turnsLeft % count;
    turnsLeft = Math.floor(turnsLeft / count);
    turns = Math.min(turns * count, SAMPLE_TURNS_MAX);
    return chosen;
  };
  for (let place = pending.pop(); place && parts.length < SAMPLE_PARTS_MAX; place = pending.pop()) {
    const { value } = place;
    if (!isRecord(value) || seen.has(value)) continue;
    seen.add(value);
    const reference = ownMember(value, "$ref");
    if (typeof reference === "string") {
      const target = document.find(reference, place.base);
      if (target) pending.push(target);
      continue;
    }
    parts.push({ schema: value, place });
    pending.push(...chooseWithin(value, place, document, choose).toReversed());
  }
  return { parts, turns };
}

/** The schemas that a schema applies to the value itself. */
function chooseWithin(
  schema: JsonRecord,
  place: SchemaPlace,
  document: SchemaDocument,
  choose: (count: number) => number,
): SchemaPlace[] {
  const chosen: SchemaPlace[] = [];
  const add = (name: string, index?: number): void => {
    if (ownMember(schema, name) === undefined) return;
    const member = document.within(place, name);
    chosen.push(index === undefined ? member : document.within(member, index));
  };
  for (const name of ["allOf", "oneOf", "anyOf"]) {
    const list = ownMember(schema, name);
    if (!Array.isArray(list) || list.length === 0) continue;
    if (name !== "allOf") add(name, choose(list.length));
    else for (const index of list.keys()) add(name, index);
  }
  if (ownMember(schema, "if") === undefined) return chosen;
  if (choose(2) === 0) for (const name of ["if", "then"]) add(name);
  else add("else");
  return chosen;
}
