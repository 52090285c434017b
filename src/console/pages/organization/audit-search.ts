/** What the audit is narrowed by, in its address. */
export const AUDIT_SEARCH = ["action", "subject", "from", "to"] as const;

export type AuditSearch = Partial<Record<(typeof AUDIT_SEARCH)[number], string>>;
