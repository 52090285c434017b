/** A moment as a `datetime-local` field has it: in this browser's time zone, to the second. */
export function toLocal(at: string | undefined): string {
  const ms = at === undefined ? Number.NaN : Date.parse(at);
  if (Number.isNaN(ms)) return "";
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

/** The moment that a `datetime-local` field means, as RFC 3339; null while it is none. */
export function toMoment(local: string): string | null {
  const ms = local === "" ? Number.NaN : Date.parse(local);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
