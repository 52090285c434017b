/** What the audit is narrowed by, in its address. */
export const AUDIT_SEARCH = ["action", "subject", "from", "to"] as const;

export type AuditSearch = Partial<Record<(typeof AUDIT_SEARCH)[number], string>>;

/** True where anything is left out; an address names what it does not have, too. */
export const isNarrowed = (search: AuditSearch): boolean => Object.values(search).some((value) => value !== undefined);

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What the relay is asked for: days as they are here, the last one included. */
export function toQuery({ action, subject, from, to }: AuditSearch) {
  const startOf = (day: string | undefined, daysLater: number): string | undefined => {
    if (day === undefined || !DAY.test(day)) return undefined;
    const date = new Date(`${day}T00:00:00`);
    date.setDate(date.getDate() + daysLater);
    return date.toISOString();
  };
  return { action, subject, from: startOf(from, 0), to: startOf(to, 1) };
}
