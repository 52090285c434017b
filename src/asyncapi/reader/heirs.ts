import { DISCRIMINATOR_NAMES_MAX } from "../../json-schema/limits.ts";
import { isRecord, memberOf } from "./json-values.ts";
import { followReferences, identityOf, type Place, placeAt, type Source } from "./references.ts";

/**
 * Which schemas of the components inherit which: one inherits another when its `allOf` refers to it. A `discriminator` may
 * name those that inherit the schema that has it, though nothing leads from it to them (AsyncAPI, Schema Object).
 */
export class Heirs {
  /** Where a schema stands → those whose `allOf` refers to it. */
  readonly #direct = new Map<string, Place[]>();
  readonly #known = new Map<string, Place[]>();
  readonly #named: Set<string>;

  constructor(source: Source) {
    const components = placeAt({ value: source.root, path: [] }, "components");
    const schemas = components && placeAt(components, "schemas");
    const names = isRecord(schemas?.value) ? Object.keys(schemas.value) : [];
    const places = names.map((name) => schemas && placeAt(schemas, name)).filter((place) => place !== undefined);
    for (const heir of places) {
      for (const parent of parentsOf(source, heir)) this.#add(parent, heir);
    }
    this.#named = new Set(
      places.filter((place) => isDiscriminated(place) && this.#heirsOf(place).length > 0).map(identityOf),
    );
    // The set grows while it is walked: an heir's heirs are named, too.
    for (const id of this.#named) for (const heir of this.#direct.get(id) ?? []) this.#named.add(identityOf(heir));
  }

  /** The schemas that a schema's discriminator may name, the schema itself left out; none where it has no discriminator. */
  namedBy(schema: Place): Place[] {
    return isDiscriminated(schema) ? this.#heirsOf(schema) : [];
  }

  /** Whether some discriminator may name the schema. */
  isNamed(schema: Place): boolean {
    return this.#named.has(identityOf(schema));
  }

  #add(parent: Place, heir: Place): void {
    const known = this.#direct.get(identityOf(parent));
    if (known) known.push(heir);
    else this.#direct.set(identityOf(parent), [heir]);
  }

  /** With the heirs' heirs; one more at most than a discriminator may name. */
  #heirsOf(schema: Place): Place[] {
    const known = this.#known.get(identityOf(schema));
    if (known) return known;
    const found = new Map<string, Place>();
    const pending = [schema];
    for (const next of pending) {
      for (const heir of this.#direct.get(identityOf(next)) ?? []) {
        const isFull = found.size > DISCRIMINATOR_NAMES_MAX;
        if (isFull || found.has(identityOf(heir)) || identityOf(heir) === identityOf(schema)) continue;
        found.set(identityOf(heir), heir);
        pending.push(heir);
      }
    }
    const heirs = [...found.values()];
    this.#known.set(identityOf(schema), heirs);
    return heirs;
  }
}

const isDiscriminated = ({ value }: Place): boolean => typeof memberOf(value, "discriminator")?.value === "string";

/** What the `allOf` of a schema refers to, also from within one of its parts. */
function parentsOf(source: Source, schema: Place): Place[] {
  const list = placeAt(schema, "allOf");
  if (!list || !Array.isArray(list.value)) return [];
  return [...list.value.keys()].flatMap((index) => {
    const part = placeAt(list, index);
    const target = part && followReferences(source, part);
    if (!part || !target) return [];
    return target === part ? parentsOf(source, part) : [target];
  });
}
