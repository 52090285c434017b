import DRAFT_07_SCHEMA from "./draft-07.json" with { type: "json" };
import { escapePointer, isRecord, type JsonRecord, ownMember, quote, unescapePointer } from "./json-value.ts";
import { SCHEMA_QUOTE_CHARS_MAX } from "./limits.ts";
import type { SchemaFaults } from "./schema-fault.ts";

/** A value within the schema, its place there (RFC 6901), and the address that references in it start from. */
export type SchemaPlace = { value: unknown; pointer: string; base: string };

/** The address of the schema of schemas, which schemas refer to now and then. */
const DRAFT_07_ADDRESS = "http://json-schema.org/draft-07/schema";

/** What a schema without an `$id` is called. Nothing is ever fetched from anywhere: addresses are names. */
const NAMELESS = "schema://document/";

// Where draft-07 has schemas within schemas. An `$id` anywhere else is data.
const SCHEMA_MEMBERS = [
  ["additionalItems", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else", "items"],
  ["allOf", "anyOf", "oneOf", "items", "properties", "patternProperties", "definitions", "$defs", "dependencies"],
] as const;

/** The schema as a document: finds what its references name. It has been measured, and may be walked recursively. */
export class SchemaDocument {
  readonly root: SchemaPlace;
  readonly #faults: SchemaFaults;
  /** The address that references start from, where it is another than that of the schema around. */
  readonly #bases = new Map<object, string>();
  /** Schemas by their address, and by address and name (`$id: "#name"`). */
  readonly #addressed = new Map<string, SchemaPlace>();

  constructor(schema: unknown, faults: SchemaFaults) {
    this.#faults = faults;
    this.#findAddresses({ value: schema, pointer: "", base: NAMELESS });
    this.root = this.#placeOf(schema, "", NAMELESS);
    if (!this.#addressed.has(NAMELESS)) this.#addressed.set(NAMELESS, this.root);
  }

  /** The place of a member that is there. */
  within(place: SchemaPlace, key: string | number): SchemaPlace {
    const value = (place.value as JsonRecord)[key];
    return this.#placeOf(value, `${place.pointer}/${escapePointer(key)}`, place.base);
  }

  /** What a reference names in this document. */
  find(reference: string, base: string): SchemaPlace | undefined {
    const { address, fragment } = splitReference(reference, base);
    const isPointer = fragment === "" || fragment.startsWith("/");
    if (!isPointer) return this.#addressed.get(`${address}#${fragment}`);
    const document = this.#documentAt(address);
    return document && this.#walk(document, fragment);
  }

  /** The same, for the schema `from`, which is wrong where it refers to nothing. */
  resolve(reference: string, from: SchemaPlace): SchemaPlace | undefined {
    const target = this.find(reference, from.base);
    if (target) return target;
    const shown = quote(reference, SCHEMA_QUOTE_CHARS_MAX);
    const isHere = this.#documentAt(splitReference(reference, from.base).address) !== undefined;
    const [reason, message] = isHere
      ? (["reference_unresolved", `there is nothing at ${shown} in the schema`] as const)
      : (["reference_external", `${shown} is outside the schema, and nothing is fetched`] as const);
    this.#faults.add(reason, `${from.pointer}/$ref`, message);
    return undefined;
  }

  #documentAt(address: string): SchemaPlace | undefined {
    return this.#addressed.get(address) ?? (address === DRAFT_07_ADDRESS ? DRAFT_07 : undefined);
  }

  #placeOf(value: unknown, pointer: string, base: string): SchemaPlace {
    return { value, pointer, base: (isRecord(value) ? this.#bases.get(value) : undefined) ?? base };
  }

  #walk(document: SchemaPlace, fragment: string): SchemaPlace | undefined {
    let place = document;
    for (const token of fragment.split("/").slice(1)) {
      const text = decodeFragment(token);
      if (text === undefined || /~(?![01])/.test(text)) return undefined;
      const key = unescapePointer(text);
      if (typeof place.value !== "object" || place.value === null || !Object.hasOwn(place.value, key)) return undefined;
      place = this.within(place, key);
    }
    return place;
  }

  #findAddresses(place: SchemaPlace): void {
    if (!isRecord(place.value)) return;
    const schema = place.value;
    const own = this.#takeAddress(schema, place);
    const [singles, groups] = SCHEMA_MEMBERS;
    for (const name of singles) {
      if (isRecord(ownMember(schema, name))) this.#findAddresses(this.within(own, name));
    }
    for (const name of groups) {
      const group = ownMember(schema, name);
      // What `items` holds as one schema has been seen above.
      if (!Array.isArray(group) && (!isRecord(group) || name === "items")) continue;
      for (const key of Object.keys(group)) this.#findAddresses(this.within(this.within(own, name), key));
    }
  }

  /** Takes note of a schema's `$id`. Beside a `$ref` it means nothing, as all siblings of one. */
  #takeAddress(schema: JsonRecord, place: SchemaPlace): SchemaPlace {
    const id = ownMember(schema, "$id");
    if (typeof id !== "string" || ownMember(schema, "$ref") !== undefined) return place;
    const { address, fragment } = splitReference(id, place.base);
    if (address !== place.base) this.#bases.set(schema, address);
    const named = { ...place, base: address };
    if (!id.startsWith("#")) this.#name(address, named);
    if (fragment !== "") this.#name(`${address}#${fragment}`, named);
    return named;
  }

  #name(address: string, place: SchemaPlace): void {
    if (!this.#addressed.has(address)) this.#addressed.set(address, place);
  }
}

const DRAFT_07: SchemaPlace = { value: DRAFT_07_SCHEMA, pointer: "", base: DRAFT_07_ADDRESS };

/** An absolute address without its fragment, and that. An address that makes no sense is no other one's name either. */
function splitReference(reference: string, base: string): { address: string; fragment: string } {
  if (reference.startsWith("#")) return { address: base, fragment: reference.slice(1) };
  const url = URL.parse(reference, base);
  if (!url) return { address: reference, fragment: "" };
  const fragment = url.hash.slice(1);
  url.hash = "";
  return { address: url.href, fragment };
}

function decodeFragment(token: string): string | undefined {
  try {
    return decodeURIComponent(token);
  } catch {
    return undefined; // a "%" that escapes nothing
  }
}
