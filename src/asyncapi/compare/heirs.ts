import { isRecord, memberOf } from "../reader/json-values.ts";
import { NARROWER, show, WIDER } from "./changes.ts";
import { referenceOf } from "./reading.ts";
import { at, type SchemaWalk } from "./walk.ts";

/** The schemas by their names; undefined where there is no discriminator. */
type Heirs = Map<string, unknown> | undefined;

/** Definitions that inherit a schema with a `discriminator`: nothing but their name leads to them. */
export function compareHeirs(walk: SchemaWalk, before: unknown, after: unknown): void {
  const [known, next] = [heirsIn(before), heirsIn(after)];
  // Where the discriminator itself is new or gone, that is said.
  if (!known || !next) return;
  for (const [name, schema] of next) {
    const place = at(null, "definitions", name);
    if (known.has(name)) walk.visitLast(known.get(name), schema, place);
    else walk.report("breaking", place, `A discriminator may now name ${show(name)}: ${WIDER}.`);
  }
  for (const name of known.keys()) {
    if (next.has(name)) continue;
    walk.report("breaking", at(null, "definitions", name), `No discriminator may name ${show(name)}: ${NARROWER}.`);
  }
}

function heirsIn(root: unknown): Heirs {
  const definitions = memberOf(root, "definitions")?.value;
  const schemas = new Map(Object.entries(isRecord(definitions) ? definitions : {}));
  const direct = new Map<string, string[]>();
  for (const [name, schema] of schemas) {
    for (const parent of parentsOf(schema)) {
      const known = direct.get(parent);
      if (known) known.push(name);
      else direct.set(parent, [name]);
    }
  }
  const named = [...schemas].filter(([, schema]) => typeof memberOf(schema, "discriminator")?.value === "string");
  if (named.length === 0) return undefined;
  const heirs = new Map<string, unknown>();
  // The list grows while it is walked: an heir's heirs are named, too.
  const pending = named.map(([name]) => name);
  for (const parent of pending) {
    for (const name of direct.get(parent) ?? []) {
      if (heirs.has(name)) continue;
      heirs.set(name, schemas.get(name));
      pending.push(name);
    }
  }
  return heirs;
}

const DEFINITION = /^#\/definitions\/([^/]+)$/;

/** The names of the definitions that the `allOf` of a schema refers to, also from within one of its parts. */
function parentsOf(schema: unknown): string[] {
  const parts = memberOf(schema, "allOf")?.value;
  if (!Array.isArray(parts)) return [];
  return parts.flatMap((part) => {
    const reference = referenceOf(part);
    if (reference === undefined) return parentsOf(part);
    const [, name] = DEFINITION.exec(reference) ?? [];
    return name === undefined ? [] : [name.replaceAll("~1", "/").replaceAll("~0", "~")];
  });
}
