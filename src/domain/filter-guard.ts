import type { FilterInput } from "./filter.ts";

const PATH_LENGTH_MAX = 8;

type Scalar = string | number | boolean | null;

/** What every event that passes a filter has: at this path one of these values, or nothing at all. */
export type FilterGuard = { path: string[]; values: ReadonlySet<unknown> };

/**
 * Reads from a filter's schema what most filters begin with: a member that has to have one of some values (`const`, `enum`).
 * An event that has another one does not pass, which is known without the filter. null: the filter has no such member.
 */
export const guardOf = (schema: unknown): FilterGuard | null => findGuard(schema, []);

function findGuard(schema: unknown, path: string[]): FilterGuard | null {
  // Beside a reference nothing counts (draft-07).
  if (!isObject(schema) || Object.hasOwn(schema, "$ref")) return null;
  const values = Object.hasOwn(schema, "const") ? [schema.const] : schema.enum;
  if (Array.isArray(values) && values.every(isScalar)) return { path, values: new Set(values) };
  if (path.length === PATH_LENGTH_MAX || !isObject(schema.properties)) return null;
  for (const [name, member] of Object.entries(schema.properties)) {
    const guard = findGuard(member, [...path, name]);
    if (guard) return guard;
  }
  return null;
}

/** Whether an event may pass a filter that has this guard. */
export function admits({ path, values }: FilterGuard, input: FilterInput): boolean {
  let value: unknown = input;
  for (const name of path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return true;
    value = value[name];
  }
  return values.has(value);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isScalar = (value: unknown): value is Scalar => typeof value !== "object" || value === null;
