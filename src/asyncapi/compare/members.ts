import { isRecord, type JsonRecord, memberOf } from "../reader/json-values.ts";
import { show, WIDER } from "./changes.ts";
import { isAssertion } from "./keywords.ts";
import { at, type SchemaWalk, type Trail } from "./walk.ts";

const propertiesOf = ({ properties }: JsonRecord): JsonRecord => (isRecord(properties) ? properties : {});

const requiredOf = ({ required }: JsonRecord): Set<unknown> => new Set(Array.isArray(required) ? required : []);

/** The members of an object: those with a name, those that must be there, and all others. */
export function compareObjects(walk: SchemaWalk, before: JsonRecord, after: JsonRecord, trail: Trail): void {
  const [known, next] = [propertiesOf(before), propertiesOf(after)];
  for (const [name, schema] of Object.entries(next)) {
    const old = memberOf(known, name);
    if (old) walk.visit(old.value, schema, at(trail, "properties", name));
    else reportNewProperty(walk, [before, after], name, trail);
  }
  for (const name of Object.keys(known)) {
    if (Object.hasOwn(next, name)) continue;
    walk.report("breaking", at(trail, "properties", name), `The property ${show(name)} is gone.`);
  }
  compareRequired(walk, before, after, trail);
  const others = ({ additionalProperties = true }: JsonRecord) => additionalProperties;
  walk.visit(others(before), others(after), at(trail, "additionalProperties"));
}

/** What a version leaves open nobody relies on. So a new property breaks only what was said of it without its name. */
function reportNewProperty(
  walk: SchemaWalk,
  [before, after]: [JsonRecord, JsonRecord],
  name: string,
  trail: Trail,
): void {
  const place = at(trail, "properties", name);
  const { additionalProperties: others = true, patternProperties = {} } = before;
  const readOthers = walk.versions.before.read(others);
  const property = `The property ${show(name)} is new`;
  if (requiredOf(after).has(name) && !requiredOf(before).has(name)) {
    walk.report("breaking", place, `${property} and required: events of the old version need not have it.`);
  } else if (isRecord(patternProperties) && Object.keys(patternProperties).length > 0) {
    walk.report("unclassified", place, `${property}; a pattern of the old version may have said something of it.`);
  } else if (readOthers === false) {
    walk.report("breaking", place, `${property}, and the old version allowed no others: ${WIDER}.`);
  } else {
    walk.report("non-breaking", place, `${property}, and optional.`);
    const isOpen = readOthers && !Object.keys(readOthers).some(isAssertion);
    if (!isOpen) walk.visit(others, memberOf(after.properties, name)?.value, place);
  }
}

function compareRequired(walk: SchemaWalk, before: JsonRecord, after: JsonRecord, trail: Trail): void {
  const [known, next] = [requiredOf(before), requiredOf(after)];
  const has = (schema: JsonRecord, name: unknown) => Object.hasOwn(propertiesOf(schema), String(name));
  const place = at(trail, "required");
  for (const name of next) {
    // A property that is itself new has been reported with that.
    if (known.has(name) || (has(after, name) && !has(before, name))) continue;
    walk.report("breaking", place, `${show(name)} is required now: events of the old version need not have it.`);
  }
  for (const name of known) {
    if (next.has(name) || (has(before, name) && !has(after, name))) continue;
    walk.report("breaking", place, `${show(name)} is no longer required: subscribers may miss it.`);
  }
}

/** The items of a list: of a tuple each, and then all others. */
export function compareArrays(walk: SchemaWalk, before: JsonRecord, after: JsonRecord, trail: Trail): void {
  const [known, next] = [tupleOf(before), tupleOf(after)];
  for (let index = 0; index < Math.max(known.length, next.length); index++) {
    walk.visit(itemAt(before, index), itemAt(after, index), at(trail, "items", index));
  }
  const keyword = Array.isArray(after.items) ? "additionalItems" : "items";
  walk.visit(otherItems(before), otherItems(after), at(trail, keyword));
}

const tupleOf = ({ items }: JsonRecord): unknown[] => (Array.isArray(items) ? items : []);

const itemAt = (schema: JsonRecord, index: number): unknown =>
  index < tupleOf(schema).length ? tupleOf(schema)[index] : otherItems(schema);

const otherItems = ({ items = true, additionalItems = true }: JsonRecord): unknown =>
  Array.isArray(items) ? additionalItems : items;
