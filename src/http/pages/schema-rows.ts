import { LocalReferences } from "../../asyncapi/local-references.ts";
import { isRecord, type JsonRecord, memberOf } from "../../asyncapi/reader/json-values.ts";
import { cut } from "../../markup/cut.ts";
import { describeRules, describeType, textOf } from "./schema-words.ts";

/** One value that a schema speaks of. */
export type SchemaRow = {
  /** How deep it is nested, from 0. */
  depth: number;
  /** A property's name, or in parentheses what else it is. */
  name: string;
  type: string;
  isRequired: boolean;
  description: string | null;
  /** What a value has to meet, in words. */
  rules: string[];
};

const DEPTH_MAX = 8;
const ROWS_MAX = 400; // of one schema: schemas that use one another write out to any size
const ALTERNATIVES_MAX = 20;
const ALL_OF_MAX = 50;
const LISTS_MAX = 3; // lists of lists whose type is spelled out
const NAME_CHARS_MAX = 200;

/** `about`: what the schema says of the value as a whole, where no row does. `isCut`: there is more than a page should show. */
export type SchemaTable = { about: string | null; rows: SchemaRow[]; isCut: boolean };

/**
 * A JSON Schema, complete in itself, as rows to be read from top to bottom: each property, and indented below it what it
 * consists of. Recursive schemas end where they come round.
 */
export function toSchemaTable(schema: unknown): SchemaTable {
  const walk = new SchemaWalk(schema);
  const about = walk.addRoot(schema);
  return { about, rows: walk.rows, isCut: walk.isCut };
}

/** One value by its name, in one row. */
export const toSchemaRow = (name: string, schema: unknown): SchemaRow =>
  new SchemaWalk(schema).describe(name, schema, 0, false);

class SchemaWalk {
  readonly rows: SchemaRow[] = [];
  isCut = false;
  readonly #references: LocalReferences;
  /** The schemas around the one that is being written. */
  readonly #open = new Set<unknown>();
  readonly #definitions: [string, unknown][];
  /** A schema → the definitions that inherit it; worked out when first asked for. */
  #heirs: Map<JsonRecord, [string, unknown][]> | undefined;

  constructor(root: unknown) {
    this.#references = new LocalReferences(root);
    this.#definitions = isRecord(root) ? entriesOf(root, "definitions") : [];
  }

  /** An object's properties stand for it, and what it says of itself is answered; anything else has a row of its own. */
  addRoot(schema: unknown): string | null {
    const parts = this.#partsOf(schema);
    const isPlainObject = describeType(parts, this.#typeOfItems) === "object" && describeRules(parts).length === 0;
    if (!isPlainObject || !parts.some((part) => this.#hasChildren(part))) {
      this.#add("(payload)", schema, 0, false);
      return null;
    }
    this.#open.add(this.#references.follow(schema));
    this.#addChildren(parts, 0);
    this.#addHeirs(schema, 0);
    return describeAbout(parts);
  }

  /** The row of one value, without what it consists of. */
  describe(name: string, schema: unknown, depth: number, isRequired: boolean): SchemaRow {
    const parts = this.#partsOf(schema);
    const type = describeType(parts, this.#typeOfItems);
    return {
      depth,
      name: cut(name, NAME_CHARS_MAX),
      type: this.#open.has(this.#references.follow(schema)) ? `${type}, as above` : type,
      isRequired,
      description: describeAbout(parts),
      rules: describeRules(parts),
    };
  }

  #add(name: string, schema: unknown, depth: number, isRequired: boolean): void {
    if (this.#isFull()) return;
    this.rows.push(this.describe(name, schema, depth, isRequired));
    const target = this.#references.follow(schema);
    if (this.#open.has(target)) return;
    // What a schema inherits from one around it stands there.
    const parts = this.#partsOf(schema).filter((part) => !this.#open.has(part));
    if (depth >= DEPTH_MAX) {
      this.isCut ||= parts.some((part) => this.#hasChildren(part));
      return;
    }
    this.#open.add(target);
    this.#addChildren(parts, depth + 1);
    this.#addHeirs(schema, depth + 1);
    this.#open.delete(target);
  }

  /** There is no room for one more row. */
  #isFull(): boolean {
    const isFull = this.rows.length >= ROWS_MAX;
    this.isCut ||= isFull;
    return isFull;
  }

  #addChildren(parts: JsonRecord[], depth: number): void {
    const required = parts.map((part) => listOf(part, "required"));
    // One by one: thousands of names may stand behind each row, and few rows have members.
    const isRequired = (name: string) => required.some((names) => names.includes(name));
    const properties = new Map(parts.flatMap((part) => entriesOf(part, "properties")));
    for (const [name, schema] of properties) {
      if (this.#isFull()) break;
      this.#add(name, schema, depth, isRequired(name));
    }
    for (const part of parts) {
      for (const [pattern, schema] of entriesOf(part, "patternProperties")) {
        this.#add(`(names like ${pattern})`, schema, depth, false);
      }
      const others = memberOf(part, "additionalProperties")?.value;
      if (isRecord(others)) this.#add("(any other name)", others, depth, false);
      this.#addItems(part, depth);
      for (const key of ["oneOf", "anyOf"]) this.#addAlternatives(part, key, depth);
    }
  }

  /** What a list consists of stands where a property's own parts would. */
  #addItems(part: JsonRecord, depth: number): void {
    const items = memberOf(part, "items")?.value;
    if (Array.isArray(items)) {
      for (const [index, schema] of items.slice(0, ALTERNATIVES_MAX).entries()) {
        this.#add(`(item ${index + 1})`, schema, depth, false);
      }
      return;
    }
    const parts = this.#partsOf(items);
    if (parts.length === 0) return;
    const target = this.#references.follow(items);
    const speaks = describeRules(parts).length > 0 || parts.some((item) => textOf(item, "description") !== null);
    if (speaks || this.#open.has(target)) this.#add("(each)", items, depth, false);
    else {
      this.#open.add(target);
      this.#addChildren(parts, depth);
      this.#open.delete(target);
    }
  }

  #addAlternatives(part: JsonRecord, key: string, depth: number): void {
    const alternatives = listOf(part, key);
    for (const [index, schema] of alternatives.slice(0, ALTERNATIVES_MAX).entries()) {
      this.#add(`(option ${index + 1})`, schema, depth, false);
    }
    this.isCut ||= alternatives.length > ALTERNATIVES_MAX;
  }

  /** Those that a schema's discriminator may name, with what each has beside it. */
  #addHeirs(schema: unknown, depth: number): void {
    const target = this.#references.follow(schema);
    const member = isRecord(target) ? memberOf(target, "discriminator")?.value : undefined;
    if (!isRecord(target) || typeof member !== "string") return;
    this.#heirs ??= this.#findHeirs();
    for (const [name, heir] of this.#heirs.get(target) ?? []) this.#add(`(${member}: ${name})`, heir, depth, false);
  }

  #findHeirs(): Map<JsonRecord, [string, unknown][]> {
    const heirs = new Map<JsonRecord, [string, unknown][]>();
    for (const definition of this.#definitions) {
      for (const ancestor of this.#partsOf(definition[1]).slice(1)) {
        const known = heirs.get(ancestor);
        if (known) known.push(definition);
        else heirs.set(ancestor, [definition]);
      }
    }
    return heirs;
  }

  /** A schema and all that it is `allOf`; none where it says nothing. */
  #partsOf(schema: unknown): JsonRecord[] {
    const parts = new Set<JsonRecord>();
    const pending = [schema];
    while (pending.length > 0 && parts.size < ALL_OF_MAX) {
      const part = this.#references.follow(pending.shift());
      if (!isRecord(part) || parts.has(part)) continue;
      parts.add(part);
      pending.push(...listOf(part, "allOf").slice(0, ALL_OF_MAX));
    }
    return [...parts];
  }

  readonly #typeOfItems = (items: unknown, depth = 0): string => {
    if (depth >= LISTS_MAX) return "…";
    return describeType(this.#partsOf(items), (inner) => this.#typeOfItems(inner, depth + 1));
  };

  #hasChildren(part: JsonRecord): boolean {
    return ["properties", "patternProperties", "items", "oneOf", "anyOf"].some((key) => memberOf(part, key));
  }
}

const describeAbout = (parts: JsonRecord[]): string | null =>
  parts.map((part) => textOf(part, "description") ?? textOf(part, "title")).find((text) => text !== null) ?? null;

function listOf(part: JsonRecord, key: string): unknown[] {
  const value = memberOf(part, key)?.value;
  return Array.isArray(value) ? value : [];
}

function entriesOf(part: JsonRecord, key: string): [string, unknown][] {
  const value = memberOf(part, key)?.value;
  return isRecord(value) ? Object.entries(value) : [];
}
