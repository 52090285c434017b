import { describe, expect, it } from "vitest";
import { compareSchemas } from "../../../src/asyncapi/compare/compare-schemas.ts";
import { compileSchema } from "../../../src/json-schema/compile-schema.ts";
import { seededRandom } from "../../simulation/scheduler.ts";

/*
 * The comparison against the meaning of schemas: random schemas are changed at random, and random values are checked
 * against both versions. Where the comparison finds nothing that breaks, no value may tell the versions apart: none that
 * is new may be unknown to the old version, and none that is old, without names that only the new one has, to the new one.
 */

type Keywords = {
  $ref: string;
  type: unknown;
  enum: unknown[];
  minimum: number;
  minLength: number;
  maxItems: number;
  description: string;
  properties: Record<string, Schema>;
  required: string[];
  additionalProperties: unknown;
  items: Schema | Schema[];
  additionalItems: boolean;
  anyOf: Schema[];
  oneOf: Schema[];
  allOf: Schema[];
  not: Schema;
  definitions: Record<string, Schema>;
};
type Schema = Partial<Keywords>;

const PAIRS = 2000;
const VALUES_PER_PAIR = 24;
const NODE: Schema = { type: "object", properties: { a: { type: "string" }, b: { $ref: "#/definitions/Node" } } };
const OTHERS = [true, false, { type: "string" }];
const NAMES = ["a", "b", "c"];
const WORDS = ["", "x", "yy", "zzz"];

class Chance {
  readonly #random: () => number;
  #fresh = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below = (limit: number): number => Math.floor(this.#random() * limit);
  happens = (share: number): boolean => this.#random() < share;
  pick = <T>(list: readonly T[]): T => list[this.below(list.length)] as T;
  some = <T>(list: readonly T[]): T[] => list.filter(() => this.happens(0.5));
  /** A name that nothing has yet. */
  freshName = (): string => `n${this.#fresh++}`;
}

const makers: ((chance: Chance, depth: number) => Schema)[] = [
  () => ({}),
  () => ({ type: "boolean" }),
  () => ({ type: ["string", "null"] }),
  () => ({ $ref: "#/definitions/Node" }),
  (chance) => ({
    type: chance.pick(["integer", "number"]),
    ...(chance.happens(0.5) ? { minimum: chance.below(3) } : {}),
  }),
  (chance) => ({ type: "string", ...(chance.happens(0.5) ? { minLength: chance.below(3) } : {}) }),
  (chance) => ({ enum: [chance.below(3), ...chance.some(WORDS), ...chance.some([null, true])] }),
  makeObject,
  makeObject,
  (chance, depth) => ({ type: "array", items: makeSchema(chance, depth - 1), maxItems: 1 + chance.below(3) }),
  (chance, depth) => ({
    items: [makeSchema(chance, depth - 1), makeSchema(chance, depth - 1)],
    additionalItems: false,
  }),
  (chance, depth) => ({ anyOf: [makeSchema(chance, depth - 1), makeSchema(chance, depth - 1)] }),
  (chance, depth) => ({ oneOf: [{ type: "string" }, makeObject(chance, depth), { type: "integer" }] }),
  (chance, depth) => ({ allOf: [makeObject(chance, depth), makeSchema(chance, depth - 1)] }),
  (chance, depth) => ({ not: makeSchema(chance, depth - 1) }),
  (chance, depth) => ({ ...makeObject(chance, depth), anyOf: [{ required: ["a"] }, { required: ["b"] }] }),
];

function makeSchema(chance: Chance, depth: number): Schema {
  return depth <= 0 ? { type: chance.pick(["string", "integer", "null"]) } : chance.pick(makers)(chance, depth);
}

function makeObject(chance: Chance, depth: number): Schema {
  const names = chance.some(NAMES);
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, makeSchema(chance, depth - 1)])),
    required: chance.some(names),
    ...(chance.happens(0.3) ? { additionalProperties: structuredClone(chance.pick(OTHERS)) } : {}),
  };
}

const makeRoot = (chance: Chance): Schema => ({
  ...makeSchema(chance, 3),
  definitions: { Node: structuredClone(NODE) },
});

/** Every object in a schema that is a schema. */
function schemasIn(schema: Schema): Schema[] {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...Object.values(schema.definitions ?? {}),
    ...[schema.items, schema.anyOf, schema.oneOf, schema.allOf, schema.not, schema.additionalProperties].flat(),
  ];
  return [
    schema,
    ...inner.filter((each): each is Schema => typeof each === "object" && each !== null).flatMap(schemasIn),
  ];
}

/** A change of a schema that has the keyword. */
type Mutation = { of: keyof Keywords; apply: (schema: Keywords, chance: Chance) => void };

const mutate = (of: keyof Keywords, apply: Mutation["apply"]): Mutation => ({ of, apply });
const remove = (of: keyof Keywords): Mutation => mutate(of, (schema) => Reflect.deleteProperty(schema, of));
const set = <K extends keyof Keywords>(key: K, choose: (chance: Chance) => Keywords[K]): Mutation =>
  mutate(key, (schema, chance) => Object.assign(schema, { [key]: choose(chance) }));

const mutations: Mutation[] = [
  mutate("properties", ({ properties }, chance) =>
    Object.assign(properties, { [chance.freshName()]: makeSchema(chance, 1) }),
  ),
  mutate("properties", ({ properties }, chance) =>
    Object.assign(properties, { [chance.freshName()]: { type: "string" } }),
  ),
  mutate("properties", ({ properties }, chance) => Reflect.deleteProperty(properties, chance.pick(NAMES))),
  mutate("properties", (schema, chance) =>
    Object.assign(schema, { required: chance.some(Object.keys(schema.properties)) }),
  ),
  mutate("properties", (schema, chance) =>
    Object.assign(schema, { additionalProperties: structuredClone(chance.pick(OTHERS)) }),
  ),
  mutate("properties", inherit),
  set("type", (chance) => chance.pick(["string", "integer", "number", ["integer", "string"]])),
  mutate("type", (schema) => Object.assign(schema, { description: "Said otherwise." })),
  mutate("type", (schema) => replace(schema, { anyOf: [{ ...schema }] })),
  mutate("type", (schema, chance) => replace(schema, { oneOf: [{ ...schema }, makeSchema(chance, 1)] })),
  mutate("enum", (schema) => schema.enum.push("new")),
  mutate("enum", (schema) => schema.enum.splice(1, 1)),
  mutate("enum", (schema) => schema.enum.reverse()),
  remove("minimum"),
  set("minLength", (chance) => chance.below(3)),
  set("maxItems", (chance) => 1 + chance.below(3)),
  mutate("anyOf", ({ anyOf }) => anyOf.reverse()),
  mutate("anyOf", ({ anyOf }, chance) => anyOf.push(makeSchema(chance, 1))),
  mutate("anyOf", ({ anyOf }) => anyOf.splice(1, 1)),
  mutate("allOf", ({ allOf }) => allOf.reverse()),
  mutate("$ref", (schema) => replace(schema, NODE)),
];

function replace(schema: Schema, other: Schema): void {
  if (schema.definitions) return; // the root keeps what others refer to
  for (const key of Object.keys(schema)) Reflect.deleteProperty(schema, key);
  Object.assign(schema, structuredClone(other));
}

/** The same properties, said in an `allOf`. */
function inherit(schema: Schema): void {
  const { properties, required = [], allOf, additionalProperties } = schema;
  if (!properties || allOf || additionalProperties !== undefined) return;
  schema.allOf = [{ properties, required }];
  Reflect.deleteProperty(schema, "properties");
  Reflect.deleteProperty(schema, "required");
}

/** A value that a schema may allow; `wild` ones have more and other members than it names. */
function makeValue(schema: unknown, root: Schema, chance: Chance, wild: boolean, depth = 5): unknown {
  if (typeof schema !== "object" || schema === null || depth <= 0 || (wild && chance.happens(0.1))) {
    return chance.pick([null, true, 0, 1.5, 2, "", "x", "zzz", "new", {}, [], ["x"]]);
  }
  const { $ref, enum: listed, type, items, ...rest } = schema as Schema;
  const make = (inner: unknown) => makeValue(inner, root, chance, wild, depth - 1);
  if ($ref) return make(root.definitions?.Node);
  if (Array.isArray(listed)) return chance.pick(listed);
  const alternatives = [rest.anyOf, rest.oneOf].find(Array.isArray);
  if (alternatives && !rest.properties) return make(chance.pick(alternatives));
  if (Array.isArray(rest.allOf) && !rest.properties) return Object.assign({}, ...rest.allOf.map(make));
  if (items) return (Array.isArray(items) ? items : Array(chance.below(3)).fill(items)).map(make);
  if (rest.properties) {
    const names = Object.keys(rest.properties).filter((name) => rest.required?.includes(name) || chance.happens(0.6));
    const others = wild && chance.happens(0.3) ? { [chance.pick([...NAMES, "other"])]: chance.pick(["x", 1]) } : {};
    return { ...Object.fromEntries(names.map((name) => [name, make(rest.properties?.[name])])), ...others };
  }
  const either = chance.pick([type].flat());
  if (either === "integer" || either === "number")
    return chance.pick([0, 1, 2, 3, ...(either === "number" ? [1.5] : [])]);
  return either === "string" ? chance.pick([...WORDS, "new"]) : chance.pick([null, true, false, 0, "x", {}]);
}

/** undefined for a schema that goes round in a circle without ever looking at a value. */
function validatorOf(schema: Schema): ((value: unknown) => boolean) | undefined {
  const result = compileSchema(schema);
  return result.ok ? (value) => result.value.matches(value) === "valid" : undefined;
}

function makePair(chance: Chance): { before: Schema; after: Schema } {
  const before = makeRoot(chance);
  const after = structuredClone(before);
  for (let n = 0; n <= chance.below(3); n++) {
    const { of, apply } = chance.pick(mutations);
    const candidates = schemasIn(after).filter((schema) => schema[of] !== undefined);
    if (candidates.length > 0) apply(chance.pick(candidates) as Keywords, chance);
  }
  return { before, after };
}

describe("a comparison that finds nothing breaking and nothing unclassified", () => {
  it(`is right about ${PAIRS} random pairs of schemas`, () => {
    const counts = { compatible: 0, changed: 0, narrowing: 0, widening: 0, values: 0 };
    for (let seed = 1; seed <= PAIRS; seed++) {
      const chance = new Chance(seed);
      const { before, after } = makePair(chance);
      const isCompatible = compareSchemas(before, after).every(({ kind }) => kind === "non-breaking");
      const [fitsBefore, fitsAfter] = [validatorOf(before), validatorOf(after)];
      if (!fitsBefore || !fitsAfter) continue;
      const told = { widening: false, narrowing: false };
      for (let n = 0; n < VALUES_PER_PAIR; n++) {
        const wild = n % 2 === 0;
        const sent = makeValue(after, after, chance, wild);
        const kept = makeValue(before, before, chance, false);
        counts.values += fitsAfter(sent) ? 1 : 0;
        told.widening ||= fitsAfter(sent) && !fitsBefore(sent);
        told.narrowing ||= fitsBefore(kept) && !fitsAfter(kept);
      }
      const story = JSON.stringify({ seed, before, after });
      if (isCompatible) expect(told, story).toEqual({ widening: false, narrowing: false });
      counts.compatible += isCompatible ? 1 : 0;
      counts.changed += isCompatible && JSON.stringify(before) !== JSON.stringify(after) ? 1 : 0;
      counts.narrowing += told.narrowing ? 1 : 0;
      counts.widening += told.widening ? 1 : 0;
    }
    // The generator reaches all of it: pairs that changed and are compatible, and pairs that values do tell apart.
    expect(counts.changed).toBeGreaterThan(PAIRS / 10);
    expect(counts.narrowing).toBeGreaterThan(PAIRS / 20);
    expect(counts.widening).toBeGreaterThan(PAIRS / 20);
    expect(counts.values).toBeGreaterThan(PAIRS * 5);
  }, 60_000);
});
