import { isRecord, type JsonRecord } from "../reader/json-values.ts";
import type { CompareBudget, Schema } from "./compare-budget.ts";
import { isAssertion } from "./keywords.ts";

/** What merging asks of whoever reads the schemas. */
type MemberReader = { read(value: unknown): Schema | undefined; textOf(value: unknown): string };

// Keywords that mean something only together: they come from one schema or are the same in both.
const GROUPS = [
  ["items", "additionalItems"],
  ["if", "then", "else"],
];
const GROUPED = new Set(GROUPS.flat());

/**
 * One schema for a schema and those of its `allOf`, which is how documents write inheritance: so that it makes no
 * difference where a property is said. What contradicts the rest or can't be joined with it stays in `allOf`.
 */
export function mergeAllOf(reader: MemberReader, budget: CompareBudget, schema: JsonRecord): Schema {
  const { allOf, ...own } = schema;
  const merging = new Merging(reader, own);
  for (const value of Array.isArray(allOf) ? allOf : []) {
    const member = reader.read(value);
    if (member === false) return false;
    if (member) budget.spend(member);
    if (member && merging.accepts(member)) merging.add(member);
    else merging.leave(value);
  }
  return merging.result();
}

class Merging {
  readonly #reader: MemberReader;
  readonly #keywords = new Map<string, unknown>();
  readonly #properties = new Map<string, unknown>();
  readonly #required = new Set<unknown>();
  readonly #left: unknown[] = [];

  constructor(reader: MemberReader, own: JsonRecord) {
    this.#reader = reader;
    this.add(own);
  }

  accepts(member: JsonRecord): boolean {
    const keywords = Object.keys(member).filter((keyword) => isAssertion(keyword) && !GROUPED.has(keyword));
    return (
      keywords.every((keyword) => this.#acceptsKeyword(keyword, member[keyword])) &&
      GROUPS.every((group) => this.#acceptsGroup(group, member)) &&
      !this.#mixesClosed(member)
    );
  }

  add(member: JsonRecord): void {
    for (const [keyword, value] of Object.entries(member)) {
      if (keyword === "required" && Array.isArray(value)) for (const name of value) this.#required.add(name);
      else if (keyword === "allOf" && Array.isArray(value)) this.#left.push(...value);
      else if (keyword === "properties" && isRecord(value)) {
        for (const [name, property] of Object.entries(value)) this.#properties.set(name, property);
      } else if (!this.#keywords.has(keyword)) this.#keywords.set(keyword, value);
    }
  }

  leave(value: unknown): void {
    this.#left.push(value);
  }

  result(): JsonRecord {
    return Object.fromEntries([
      ...this.#keywords,
      ...(this.#properties.size > 0 ? [["properties", Object.fromEntries(this.#properties)] as const] : []),
      ...(this.#required.size > 0 ? [["required", [...this.#required]] as const] : []),
      ...(this.#left.length > 0 ? [["allOf", this.#left] as const] : []),
    ]);
  }

  #acceptsKeyword(keyword: string, value: unknown): boolean {
    if (keyword === "required" || keyword === "allOf") return true;
    if (keyword === "properties" && isRecord(value)) {
      return Object.entries(value).every(
        ([name, property]) => !this.#properties.has(name) || this.#same(this.#properties.get(name), property),
      );
    }
    return !this.#keywords.has(keyword) || this.#same(this.#keywords.get(keyword), value);
  }

  #acceptsGroup(group: string[], member: JsonRecord): boolean {
    const has = (schema: (keyword: string) => unknown) => group.some((keyword) => schema(keyword) !== undefined);
    if (!has((keyword) => this.#keywords.get(keyword)) || !has((keyword) => member[keyword])) return true;
    return group.every((keyword) => this.#same(this.#keywords.get(keyword), member[keyword]));
  }

  /** What a schema says of all other properties leaves out only those beside it. */
  #mixesClosed(member: JsonRecord): boolean {
    const isClosed = closes(Object.fromEntries(this.#keywords));
    const hasMembers = this.#properties.size > 0 || isClosed;
    return (closes(member) && hasMembers) || (isClosed && member.properties !== undefined);
  }

  #same(a: unknown, b: unknown): boolean {
    return a === b || this.#reader.textOf(a) === this.#reader.textOf(b);
  }
}

const closes = ({ additionalProperties: others, patternProperties }: JsonRecord): boolean =>
  (others !== undefined && others !== true) || patternProperties !== undefined;
