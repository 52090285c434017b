import { isRecord, type JsonRecord, ownMember } from "../json-value.ts";
import type { SchemaDocument, SchemaPlace } from "../references.ts";
import type { SchemaFaults } from "../schema-fault.ts";

/** Reads the keywords of one schema. A keyword that is absent is undefined; so is one of the wrong form, with a fault. */
export class Keywords {
  readonly place: SchemaPlace;
  readonly #schema: JsonRecord;
  readonly #document: SchemaDocument;
  readonly #faults: SchemaFaults;

  constructor(place: SchemaPlace, schema: JsonRecord, document: SchemaDocument, faults: SchemaFaults) {
    this.place = place;
    this.#schema = schema;
    this.#document = document;
    this.#faults = faults;
  }

  pointerTo(name: string): string {
    return `${this.place.pointer}/${name}`;
  }

  value(name: string): unknown {
    return ownMember(this.#schema, name);
  }

  number(name: string): number | undefined {
    return this.#read(name, "a number", (value) => (typeof value === "number" ? value : undefined));
  }

  /** A whole number that is not negative. */
  count(name: string): number | undefined {
    const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
    return this.#read(name, "a whole number, 0 or more", (value) => (isCount(value) ? value : undefined));
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, "true or false", (value) => (typeof value === "boolean" ? value : undefined));
  }

  text(name: string): string | undefined {
    return this.#read(name, "a text", (value) => (typeof value === "string" ? value : undefined));
  }

  values(name: string): unknown[] | undefined {
    return this.#read(name, "a list", (value) => (Array.isArray(value) ? value : undefined));
  }

  names(name: string): string[] | undefined {
    return this.#read(name, "a list of names", (value) => (isNames(value) ? [...new Set(value)] : undefined));
  }

  schema(name: string): SchemaPlace | undefined {
    const place = this.value(name) === undefined ? undefined : this.#document.within(this.place, name);
    if (place && !isSchema(place.value)) return this.fault(name, "a schema: an object, true or false");
    return place;
  }

  schemas(name: string, least = 0): SchemaPlace[] | undefined {
    const form = least > 0 ? `a list of ${least} or more schemas` : "a list of schemas";
    const schemas = this.#read(name, form, (value) =>
      Array.isArray(value) && value.length >= least && value.every(isSchema) ? value : undefined,
    );
    if (!schemas) return undefined;
    const list = this.#document.within(this.place, name);
    return schemas.map((_, index) => this.#document.within(list, index));
  }

  /** Schemas by their names; with `lists`, a list of names may stand for one. */
  schemaMap(name: string, lists?: "lists"): [string, SchemaPlace][] | undefined {
    const isGood = (value: unknown): boolean => isSchema(value) || (lists !== undefined && isNames(value));
    const schemas = this.#read(name, "an object of schemas", (value) =>
      isRecord(value) && Object.values(value).every(isGood) ? value : undefined,
    );
    if (!schemas) return undefined;
    const map = this.#document.within(this.place, name);
    return Object.keys(schemas).map((key) => [key, this.#document.within(map, key)]);
  }

  #read<T>(name: string, form: string, read: (value: unknown) => T | undefined): T | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : (read(value) ?? this.fault(name, form));
  }

  /** Says what form a keyword must have. */
  fault(name: string, form: string): undefined {
    this.#faults.add("schema_malformed", this.pointerTo(name), `${name} must be ${form}`);
  }
}

const isSchema = (value: unknown): boolean => typeof value === "boolean" || isRecord(value);

export const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === "string");
