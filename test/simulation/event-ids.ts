/** The nth event's id, with its time where a log looks for it: what `newEventId` makes, without chance. */
export function eventId(nowMs: number, n: number): string {
  const time = nowMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, "0")}`;
}
