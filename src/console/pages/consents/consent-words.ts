import type { Row } from "../../api/answer.ts";

export type Consent = Row<"/v1/consents">;

/** As people see it: a grant whose time is over lets nothing through, although nobody took it back. */
export type ConsentState = Consent["status"] | "expired";

export function stateOf({ status, expiresAt }: Pick<Consent, "status" | "expiresAt">, nowMs: number): ConsentState {
  const isOver = expiresAt !== null && Date.parse(expiresAt) <= nowMs;
  return status === "granted" && isOver ? "expired" : status;
}

export const FILTERS = [
  { status: undefined, label: "All" },
  { status: "requested", label: "Waiting" },
  { status: "granted", label: "Granted" },
  { status: "denied", label: "Denied" },
  { status: "revoked", label: "Revoked" },
] as const;

export type StatusFilter = (typeof FILTERS)[number]["status"];

/** The filter that an address asks for; one that there is not asks for none. */
export const readFilter = (status: string | undefined): StatusFilter =>
  FILTERS.find((filter) => filter.status === status)?.status;

/** What a list has nothing of, in a sentence. */
export const NOTHING: Record<NonNullable<StatusFilter>, string> = {
  requested: "Nobody waits for an answer.",
  granted: "No consent is granted now.",
  denied: "Nothing was denied.",
  revoked: "Nothing was revoked.",
};

/** A day that somebody picks is included: consent ends with it, on their clock. */
export const endOfDay = (day: string): string => new Date(`${day}T23:59:59.999`).toISOString();

/** A moment as the day that it falls on here, as `<input type="date">` has it. */
export function toDay(at: string): string {
  const date = new Date(at);
  const pad = (n: number): string => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** The end to grant: what was asked for where the day is its own, so that nobody grants some hours more. */
export function chosenEnd(day: string, asked: string | null): string | null {
  if (day === "") return asked;
  if (asked !== null && (toDay(asked) === day || endOfDay(day) > asked)) return asked;
  return endOfDay(day);
}
