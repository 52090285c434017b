/** A moment as a `datetime-local` field has it: in this browser's time zone, to the second. */
export function toLocal(at: string | undefined): string {
  const ms = at === undefined ? Number.NaN : Date.parse(at);
  if (Number.isNaN(ms)) return "";
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
