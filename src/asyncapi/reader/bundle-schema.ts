import { utf8Bytes } from "../../kernel/encoding.ts";
import { CHANNEL_SCHEMAS_BYTES_MAX, DOCUMENT_SCHEMAS_BYTES_MAX } from "../limits.ts";
import type { Path } from "./findings.ts";
import type { Heirs } from "./heirs.ts";
import { isRecord, jsonNumber, memberOf } from "./json-values.ts";
import { followReferences, identityOf, type Place, referenceOf, type Source } from "./references.ts";

/** A document whose schemas are copied out. */
export type Bundling = { source: Source; heirs: Heirs; budget: SchemaBudget };

/** What the schemas of a document may still take, in bytes of JSON. */
export type SchemaBudget = { documentBytes: number; channelBytes: number };

export const newSchemaBudget = (): SchemaBudget => ({
  documentBytes: DOCUMENT_SCHEMAS_BYTES_MAX,
  channelBytes: CHANNEL_SCHEMAS_BYTES_MAX,
});

export function startChannel(budget: SchemaBudget): void {
  budget.channelBytes = CHANNEL_SCHEMAS_BYTES_MAX;
}

/** Takes an example's bytes from the budget; false where they would be too many. An example is not worth a refusal. */
export function payForExample(budget: SchemaBudget, example: unknown): boolean {
  const bytes = utf8Bytes(JSON.stringify(example)).length;
  if (bytes > budget.channelBytes || bytes > budget.documentBytes) return false;
  budget.channelBytes -= bytes;
  budget.documentBytes -= bytes;
  return true;
}

// Keywords of JSON Schema draft-07 whose members are schemas of any name, and those that hold data in which "$ref" means nothing.
const NAMED_SCHEMAS = new Set(["properties", "patternProperties", "definitions", "$defs", "dependencies"]);
const DATA = new Set(["const", "default", "enum", "examples", "example"]);

type Kind = "schema" | "named" | "data";

/**
 * Makes a schema complete in itself: what it refers to within the document is copied into its `definitions`, so that it
 * can be stored, shown and checked without the document; with a `discriminator`, so are the schemas that it may name. Recursive
 * schemas stay recursive. undefined where there is no schema.
 */
export function bundleSchema(document: Bundling, schema: Place): unknown {
  const root = followReferences(document.source, schema);
  if (!root) return undefined;
  if (typeof root.value !== "boolean" && !isRecord(root.value)) return undefined;
  return new SchemaBundle(document, root).build();
}

class SchemaBundle {
  readonly #source: Source;
  readonly #root: Place;
  readonly #budget: SchemaBudget;
  readonly #heirs: Heirs;
  /** Where a copied schema stands in the document → its name in `definitions`. */
  readonly #names = new Map<string, string>();
  /** How many definitions have asked for a name. */
  readonly #taken: Map<string, number>;
  readonly #copies: { name: string; place: Place }[] = [];
  /** A schema that a discriminator may name keeps its name, even where all is about this one. */
  readonly #isNamed: boolean;
  #exhausted = false;

  constructor({ source, heirs, budget }: Bundling, root: Place) {
    this.#source = source;
    this.#root = root;
    this.#budget = budget;
    this.#heirs = heirs;
    this.#isNamed = heirs.isNamed(root);
    const own = this.#isNamed ? undefined : memberOf(root.value, "definitions")?.value;
    this.#taken = new Map(Object.keys(isRecord(own) ? own : {}).map((name) => [name, 1]));
  }

  build(): unknown {
    const root = this.#isNamed ? this.#referTo(this.#root) : this.#copy(this.#root.value, this.#root.path, "schema");
    const copied: [string, unknown][] = [];
    // The list grows while it is walked: copying one schema finds the next.
    for (const { name, place } of this.#copies) copied.push([name, this.#copy(place.value, place.path, "schema")]);
    if (copied.length === 0 || !isRecord(root)) return root;
    const own = memberOf(root, "definitions")?.value;
    const definitions = Object.fromEntries([...(isRecord(own) ? Object.entries(own) : []), ...copied]);
    return { ...root, definitions };
  }

  #copy(value: unknown, path: Path, kind: Kind): unknown {
    if (!this.#pay(value)) return null;
    if (Array.isArray(value)) return value.map((item, index) => this.#copy(item, [...path, index], kind));
    // It is kept as JSON: what it would be there is what it is checked as.
    if (typeof value === "number") return jsonNumber(value);
    if (!isRecord(value)) return value;
    const ref = kind === "schema" ? referenceOf(value) : undefined;
    if (ref !== undefined) return this.#copyReference({ value, path });
    const members: [string, unknown][] = [];
    for (const [key, member] of Object.entries(value)) {
      // An `$id` would change what the references beside it mean; in AsyncAPI they start at the document.
      if (kind === "schema" && key === "$id" && typeof member === "string") continue;
      this.#pay(key);
      members.push([key, this.#copy(member, [...path, key], kindWithin(kind, key))]);
    }
    if (kind === "schema") for (const heir of this.#heirs.namedBy({ value, path })) this.#referTo(heir);
    return Object.fromEntries(members);
  }

  #copyReference(place: Place): unknown {
    const target = followReferences(this.#source, place);
    return target ? this.#referTo(target) : {};
  }

  /** A reference to the copy of a schema; when it is the first one, the copy is made later. */
  #referTo(target: Place): { $ref: string } {
    const identity = identityOf(target);
    if (!this.#isNamed && identity === identityOf(this.#root)) return { $ref: "#" };
    const known = this.#names.get(identity);
    const name = known ?? this.#newName(target.path);
    this.#pay(name);
    if (known === undefined) {
      this.#names.set(identity, name);
      this.#copies.push({ name, place: target });
    }
    return { $ref: `#/definitions/${name}` };
  }

  /** The last key of the path, so that messages about the schema read well; safe in a JSON Pointer and unlike any other. */
  #newName(path: Path): string {
    const base = String(path.at(-1) ?? "document")
      .replaceAll(/[^\w.-]/g, "_")
      .slice(0, 64);
    let name = base;
    while (this.#taken.has(name)) {
      const count = (this.#taken.get(base) ?? 0) + 1;
      this.#taken.set(base, count);
      name = `${base}-${count}`;
    }
    this.#taken.set(name, 1);
    return name;
  }

  /** Takes a value's own bytes from the budget; false when it is used up. */
  #pay(value: unknown): boolean {
    if (this.#exhausted) return false;
    const bytes = typeof value === "object" ? 4 : utf8Bytes(JSON.stringify(value)).length + 2;
    this.#budget.documentBytes -= bytes;
    this.#budget.channelBytes -= bytes;
    if (this.#budget.channelBytes >= 0 && this.#budget.documentBytes >= 0) return true;
    this.#exhausted = true;
    const [whose, bytesMax] =
      this.#budget.channelBytes < 0
        ? ["a channel", CHANNEL_SCHEMAS_BYTES_MAX]
        : ["all channels", DOCUMENT_SCHEMAS_BYTES_MAX];
    const message = `The message schemas of ${whose}, with all they refer to, have more than ${bytesMax} bytes.`;
    this.#source.findings.add("relay-schemas-too-large", this.#root.path, message);
    return false;
  }
}

function kindWithin(kind: Kind, key: string): Kind {
  if (kind === "named") return "schema";
  if (kind === "data" || DATA.has(key)) return "data";
  return NAMED_SCHEMAS.has(key) ? "named" : "schema";
}
