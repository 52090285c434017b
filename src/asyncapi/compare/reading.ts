import { isRecord, type JsonRecord, memberOf } from "../reader/json-values.ts";
import type { CompareBudget, Schema } from "./compare-budget.ts";
import { isWellFormed } from "./keywords.ts";
import { COMPARE_HOPS_MAX, MERGE_DEPTH_MAX } from "./limits.ts";
import { mergeAllOf } from "./merge.ts";

const ANY: JsonRecord = {};

/** Reads the schemas of one version, the same object for the same schema: that is how recursion is seen. */
export class SchemaReader {
  readonly #root: unknown;
  readonly #budget: CompareBudget;
  readonly #known = new Map<JsonRecord, Schema | undefined>();
  readonly #texts = new WeakMap<object, string>();
  #depth = 0;

  constructor(root: unknown, budget: CompareBudget) {
    this.#root = root;
    this.#budget = budget;
  }

  /** undefined where it is no schema, a keyword has a value without meaning, or its reference leads nowhere. */
  read(value: unknown): Schema | undefined {
    const schema = this.#follow(value);
    if (schema === true) return ANY;
    if (schema === false) return false;
    if (!isRecord(schema)) return undefined;
    if (!this.#known.has(schema)) this.#learn(schema);
    return this.#known.get(schema);
  }

  /** A value as JSON whose members are in order: equal texts are equal values. */
  textOf(value: unknown): string {
    if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
    const known = this.#texts.get(value);
    const text = known ?? writeInOrder(value);
    if (known === undefined) this.#texts.set(value, text);
    return text;
  }

  /** undefined where references lead nowhere, or in a circle. */
  #follow(value: unknown): unknown {
    let target = value;
    for (let hops = 0; hops <= COMPARE_HOPS_MAX; hops++) {
      const ref = referenceOf(target);
      if (ref === undefined) return target;
      target = this.#find(ref);
    }
    return undefined;
  }

  /** What a JSON Pointer into the schema leads to. */
  #find(ref: string): unknown {
    const [start, ...keys] = ref.split("/");
    if (start !== "#") return undefined;
    const names = keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    return names.reduce((target, name) => memberOf(target, name)?.value, this.#root);
  }

  #learn(schema: JsonRecord): void {
    // Where it is met again while it is merged (an `allOf` that contains itself), it stands for itself.
    this.#known.set(schema, isWellFormed(schema) ? schema : undefined);
    if (schema.allOf === undefined || !this.#known.get(schema)) return;
    if (this.#depth >= MERGE_DEPTH_MAX || this.#budget.exhausted) return;
    this.#depth += 1;
    const merged = mergeAllOf(this, this.#budget, schema);
    this.#depth -= 1;
    this.#known.set(schema, merged);
    if (merged) this.#known.set(merged, merged);
  }
}

export function referenceOf(schema: unknown): string | undefined {
  const ref = memberOf(schema, "$ref")?.value;
  return typeof ref === "string" ? ref : undefined;
}

function writeInOrder(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeInOrder).join()}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? "";
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${writeInOrder(member)}`).join()}}`;
}
