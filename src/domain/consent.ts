/** A data owner's consent as a topic's log keeps it: only what permits. `since` is set by the log, at the position where it hears of it. */
export type LogConsent = {
  subscriptionId: string;
  dataOwnerId: string;
  /** Grows with each change of this (subscription, data owner); a log ignores an older one. */
  version: number;
  granted: boolean;
  /** ms since the epoch; null: until revoked. */
  expiresMs: number | null;
};

export type ConsentStatus = "requested" | "granted" | "denied" | "revoked";
