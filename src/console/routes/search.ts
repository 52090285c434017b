/**
 * Reads from an address the texts that it has of these names. The others are named too, as `undefined`: the router hands on
 * whatever an address has, unless this says otherwise.
 */
export const texts =
  <Name extends string>(...names: Name[]) =>
  (search: Record<string, unknown>): Partial<Record<Name, string>> =>
    Object.fromEntries(names.map((name) => [name, textOf(search[name])])) as Partial<Record<Name, string>>;

/** The router reads what looks like a number as one. */
const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) : undefined;
