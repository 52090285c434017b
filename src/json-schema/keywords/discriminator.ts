import { ALWAYS } from "../checks.ts";
import { isRecord, type JsonRecord, ownMember } from "../json-value.ts";
import { DISCRIMINATOR_NAMES_MAX, DISCRIMINATOR_NAMES_SHOWN_MAX } from "../limits.ts";
import type { SchemaPlace } from "../references.ts";
import type { Check } from "../run.ts";
import type { Subschemas } from "../subschemas.ts";
import type { Keywords } from "./keywords.ts";

/**
 * `discriminator` (AsyncAPI 2 and 3, Schema Object): the name of a member that says which schema a value has. A value that
 * names one must have its form, too. There are the names of
 *
 * * the schemas of `definitions` that inherit this one (their `allOf` refers to it, or to one that does), and this one's own;
 * * the alternatives in `oneOf` and `anyOf` beside the discriminator: what their references end in.
 *
 * A schema that fixes the member itself (`const`, `enum`) has those names instead. A name that no schema has is refused, unless
 * a schema without a name could be meant. Whether the member must be there is for `required` to say.
 */
export function compileDiscriminator(keywords: Keywords, subschemas: Subschemas): Check<JsonRecord> | undefined {
  const member = keywords.value("discriminator");
  if (typeof member !== "string") return undefined;
  const { places, areAll } = findChoices(member, keywords, subschemas);
  if (places.size > DISCRIMINATOR_NAMES_MAX)
    keywords.fault("discriminator", `one of ${DISCRIMINATOR_NAMES_MAX} schemas at most`);
  if (places.size === 0) return undefined;
  const schema = keywords.place.value as JsonRecord;
  const checks = new Map(
    [...places].map(([name, place]) => [name, place.value === schema ? ALWAYS : subschemas.compileLater(place)]),
  );
  const shown = [...places.keys()].slice(0, DISCRIMINATOR_NAMES_SHOWN_MAX).map((name) => JSON.stringify(name));
  const message = `must name a schema: ${shown.join(", ")}${places.size > shown.length ? ", …" : ""}`;

  return (record, run, at) => {
    const name = ownMember(record, member);
    const check = typeof name === "string" ? checks.get(name) : undefined;
    if (check) return run.choose(schema, check, record, at);
    return name === undefined || !areAll || run.fail(run.within(at, member), "discriminator", message);
  };
}

/** The schemas that a discriminator may name; `areAll`: there is none beside them whose name is unknown. */
type Choices = { places: Map<string, SchemaPlace>; areAll: boolean };

function findChoices(member: string, keywords: Keywords, { document, inheritance }: Subschemas): Choices {
  const choices: Choices = { places: new Map(), areAll: true };
  const add = (place: SchemaPlace | undefined, ownName: string | undefined): void => {
    const fixed = place ? namesFixedBy(place.value, member) : [];
    const names = fixed.length === 0 && ownName !== undefined ? [ownName] : fixed;
    for (const name of names) if (place && !choices.places.has(name)) choices.places.set(name, place);
    if (names.length === 0) choices.areAll = false;
  };
  for (const place of [...(keywords.schemas("oneOf") ?? []), ...(keywords.schemas("anyOf") ?? [])]) {
    const reference = isRecord(place.value) ? ownMember(place.value, "$ref") : undefined;
    if (typeof reference === "string") add(document.find(reference, place.base), reference.split(/[/#]/).at(-1));
    else add(place, undefined);
  }
  const schema = keywords.place.value as JsonRecord;
  const heirs = inheritance.heirsOf(schema, DISCRIMINATOR_NAMES_MAX + 1);
  for (const { place, name } of heirs) add(place, name);
  if (heirs.length > 0) add(keywords.place, inheritance.nameOf(schema));
  return choices;
}

// A schema may be one of the choices of thousands of discriminators.
const fixedNames = new WeakMap<object, Map<string, string[]>>();

/** The texts that a schema allows its member, itself or in a part of its `allOf` that is no reference. */
export function namesFixedBy(schema: unknown, member: string): string[] {
  return fixedBy(schema).get(member) ?? [];
}

/** The same of all its members that have any. */
function fixedBy(schema: unknown): Map<string, string[]> {
  if (!isRecord(schema)) return new Map();
  const known = fixedNames.get(schema) ?? readFixed(schema);
  fixedNames.set(schema, known);
  return known;
}

function readFixed(schema: JsonRecord): Map<string, string[]> {
  const properties = ownMember(schema, "properties");
  const members = Object.entries(isRecord(properties) ? properties : {});
  const own = members.map(([member, property]): [string, string[]] => [member, textsOf(property)]);
  const parts = ownMember(schema, "allOf");
  const inherited = new Map<string, string[]>();
  for (const part of Array.isArray(parts) ? parts : []) {
    for (const [member, names] of fixedBy(part)) {
      const known = inherited.get(member);
      if (!known) inherited.set(member, [...names]);
      else for (const name of names) known.push(name);
    }
  }
  // What a schema says itself counts before what its parts say.
  return new Map([...inherited, ...own.filter(([, names]) => names.length > 0)]);
}

/** The texts among the listed values of a schema. */
function textsOf(property: unknown): string[] {
  if (!isRecord(property)) return [];
  const constant = ownMember(property, "const");
  const values = constant === undefined ? ownMember(property, "enum") : [constant];
  return (Array.isArray(values) ? values : []).filter((value) => typeof value === "string");
}
