import { isRecord, type JsonRecord, ownMember } from "../json-value.ts";
import { namesFixedBy } from "../keywords/discriminator.ts";
import { isNames } from "../keywords/keywords.ts";
import { SAMPLE_STEPS_MAX } from "../limits.ts";
import type { SchemaPlace } from "../references.ts";
import type { Subschemas } from "../subschemas.ts";
import { sampleNumbers, sampleTexts } from "./sample-scalars.ts";
import type { SchemaPart } from "./schema-parts.ts";

const TYPES = ["string", "integer", "object", "array", "boolean", "null"];

// Where a schema names no type, its keywords tell which it was written for.
const TELLING: [type: string, keywords: string[]][] = [
  ["object", ["properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties"]],
  ["array", ["items", "contains", "minItems", "maxItems", "uniqueItems"]],
  ["string", ["format", "pattern", "minLength", "maxLength"]],
  ["number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]],
];

/** What several schemas that a value must match say together, for making one. Keywords of the wrong form say nothing. */
export class SampleForm {
  readonly schemas: JsonRecord[];
  readonly #parts: SchemaPart[];
  readonly #subschemas: Subschemas;

  constructor(parts: SchemaPart[], subschemas: Subschemas) {
    this.#parts = parts;
    this.#subschemas = subschemas;
    this.schemas = parts.map(({ schema }) => schema);
  }

  /** The values that the schemas give. */
  given(): unknown[] {
    const examples = this.#values("examples").flatMap((list) => (Array.isArray(list) ? list : []));
    const choices = this.#values("enum").flatMap((list) => (Array.isArray(list) ? list : []));
    return [...examples, ...this.#values("example"), ...this.#values("default"), ...this.#values("const"), ...choices];
  }

  /** The types that the schemas allow, likely ones first. */
  types(): string[] {
    const named = this.#values("type").map((type): unknown[] => (Array.isArray(type) ? type : [type]));
    const [first, ...others] = named;
    if (!first) {
      const told = TELLING.filter(([, keywords]) => keywords.some((keyword) => this.#values(keyword).length > 0));
      return [...new Set([...told.map(([type]) => type), ...TYPES])];
    }
    const allows = (types: unknown[], type: unknown): boolean =>
      types.includes(type) || (type === "integer" && types.includes("number"));
    const allowed = [...first, "integer"].filter((type) => [first, ...others].every((types) => allows(types, type)));
    return [...new Set(allowed)].map(String).sort((a, b) => Number(a === "null") - Number(b === "null"));
  }

  scalars(type: string): Iterable<unknown> {
    switch (type) {
      case "string": {
        const [formats, patterns] = [this.#texts("format"), this.#texts("pattern")];
        return sampleTexts(formats, patterns, this.least("minLength"), this.most("maxLength"));
      }
      case "integer":
      case "number":
        return this.#numbers();
      case "boolean":
        return [true, false];
      default:
        return [null];
    }
  }

  #numbers(): Iterable<number> {
    const least = [...this.#limits("minimum"), ...this.#limits("exclusiveMinimum")];
    const most = [...this.#limits("maximum"), ...this.#limits("exclusiveMaximum")];
    return sampleNumbers(
      least.length > 0 ? Math.max(...least) : undefined,
      most.length > 0 ? Math.min(...most) : undefined,
      this.#limits("multipleOf").find((divisor) => divisor > 0),
    );
  }

  /** The largest of the lower limits. */
  least(keyword: string): number {
    return Math.max(0, ...this.#limits(keyword));
  }

  /** The smallest of the upper limits. */
  most(keyword: string): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#limits(keyword));
  }

  required(): string[] {
    return this.#values("required").flatMap((names) => (isNames(names) ? names : []));
  }

  /** The names of members that the schemas know. */
  named(): string[] {
    return this.#values("properties").flatMap((members) => (isRecord(members) ? Object.keys(members) : []));
  }

  /** Names that the schemas' patterns match. */
  *patternedNames(): Generator<string> {
    const patterns = this.#values("patternProperties").flatMap((map) => (isRecord(map) ? Object.keys(map) : []));
    if (patterns.length > 0) yield* sampleTexts([], patterns, 0, Number.POSITIVE_INFINITY);
  }

  /** The schemas that a member must match. */
  memberPlaces(name: string): SchemaPlace[] {
    return this.#parts.flatMap(({ schema, place }) => {
      const named = this.#memberOf(place, ownMember(schema, "properties"), "properties", name);
      const places = [...named, ...this.#patternedPlaces(schema, place, name)];
      const hasOthers = places.length === 0 && ownMember(schema, "additionalProperties") !== undefined;
      return hasOthers ? [this.#subschemas.document.within(place, "additionalProperties")] : places;
    });
  }

  /** How many items the schemas describe one by one. */
  listedItems(): number {
    return Math.max(0, ...this.#values("items").map((items) => (Array.isArray(items) ? items.length : 0)));
  }

  get isUnique(): boolean {
    return this.#values("uniqueItems").includes(true);
  }

  /** The schemas that the item at an index must match. */
  itemPlaces(index: number): SchemaPlace[] {
    const { document } = this.#subschemas;
    return this.#parts.flatMap(({ schema, place }) => {
      const items = ownMember(schema, "items");
      if (items === undefined) return [];
      if (!Array.isArray(items)) return [document.within(place, "items")];
      if (index < items.length) return [document.within(document.within(place, "items"), index)];
      return ownMember(schema, "additionalItems") === undefined ? [] : [document.within(place, "additionalItems")];
    });
  }

  /** The schemas that a keyword holds. */
  placesOf(keyword: string): SchemaPlace[] {
    return this.#parts.flatMap(({ schema, place }) =>
      ownMember(schema, keyword) === undefined ? [] : [this.#subschemas.document.within(place, keyword)],
    );
  }

  /** What a discriminator of this name has to say, where nothing else says it: the name of the schema. */
  discriminate(name: string): string | undefined {
    if (!this.#values("discriminator").includes(name)) return undefined;
    if (this.schemas.some((schema) => namesFixedBy(schema, name).length > 0)) return undefined;
    return this.schemas
      .map((schema) => this.#subschemas.inheritance.nameOf(schema))
      .find((known) => known !== undefined);
  }

  #patternedPlaces(schema: JsonRecord, place: SchemaPlace, name: string): SchemaPlace[] {
    const patterned = ownMember(schema, "patternProperties");
    if (!isRecord(patterned)) return [];
    return Object.keys(patterned).flatMap((source) => {
      const isMatch = this.#subschemas
        .compilePattern(source, place.pointer)
        ?.matches(name, { steps: SAMPLE_STEPS_MAX });
      return isMatch ? this.#memberOf(place, patterned, "patternProperties", source) : [];
    });
  }

  #memberOf(place: SchemaPlace, map: unknown, keyword: string, name: string): SchemaPlace[] {
    if (!isRecord(map) || !Object.hasOwn(map, name)) return [];
    const { document } = this.#subschemas;
    return [document.within(document.within(place, keyword), name)];
  }

  #values(keyword: string): unknown[] {
    return this.schemas.map((schema) => ownMember(schema, keyword)).filter((value) => value !== undefined);
  }

  #limits(keyword: string): number[] {
    return this.#values(keyword).filter((value) => typeof value === "number");
  }

  #texts(keyword: string): string[] {
    return this.#values(keyword).filter((value) => typeof value === "string");
  }
}
