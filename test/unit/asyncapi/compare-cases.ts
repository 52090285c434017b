import { compareSchemas, type SchemaChange } from "../../../src/asyncapi/compare/compare-schemas.ts";

/** Two versions of a schema, and the changes between them. */
export type Case = [name: string, before: unknown, after: unknown, changes: string[]];

const pointer = (path: SchemaChange["path"]) => path.map((key) => `/${key}`).join("");

// Versions come from two texts: they share no object, and have no member that is undefined.
export const parsed = <T>(schema: T): T => JSON.parse(JSON.stringify(schema));

/** `kind /path` of each change. */
export const changesOf = (before: unknown, after: unknown): string[] =>
  compareSchemas(parsed(before), parsed(after)).map(({ kind, path }) => `${kind} ${pointer(path)}`);

export const text = { type: "string" };
export const number = { type: "number" };

export const object = (properties: Record<string, unknown>, required: string[] = [], rest = {}) => ({
  type: "object",
  properties,
  required,
  ...rest,
});

/** A schema deep within another, at `NESTED`. */
export const nested = (schema: unknown) => object({ list: { type: "array", items: object({ deep: schema }) } });
export const NESTED = "/properties/list/items/properties/deep";
