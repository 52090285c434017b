/** A JSON object, as `readNodes` builds it. Read its members with `memberOf`: a plain look-up also finds what its prototype has. */
export type JsonRecord = Record<string, unknown>;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A number as JSON can say it: the largest for one that is too large (`1e400`, `.inf`), null for what is none (`.nan`). */
export const jsonNumber = (value: number): number | null =>
  Number.isNaN(value) ? null : Math.max(-Number.MAX_VALUE, Math.min(value, Number.MAX_VALUE));

/** The member of an object, or the item of a list, that is really there. */
export function memberOf(value: unknown, key: string | number): { value: unknown } | undefined {
  if (Array.isArray(value)) {
    const index = typeof key === "string" && /^(0|[1-9]\d{0,9})$/.test(key) ? Number(key) : key;
    return typeof index === "number" && index < value.length ? { value: value[index] } : undefined;
  }
  return isRecord(value) && Object.hasOwn(value, key) ? { value: value[key] } : undefined;
}
