import { z } from "zod";
import type { LogPlace } from "./event.ts";

/**
 * What became of an event that was sent to a subscription, for its data owner. `delivered`: at least once; `failing`: it is tried
 * again; `stopped`: it was not taken, and is not tried any more.
 */
export const SentStatus = z.enum(["delivered", "failing", "stopped"]);
export type SentStatus = z.infer<typeof SentStatus>;

/** An event of which at least one attempt was made. */
export type SentEvent = {
  seq: number;
  eventId: string;
  channel: string;
  acceptedMs: number;
  status: SentStatus;
  /** The first time; null: it was not delivered, or nobody knows any more when. */
  deliveredMs: number | null;
};

/** A question for the events of one data owner that one subscription was sent, newest first. */
export type SentQuery = {
  subscriptionId: string;
  dataOwnerId: string;
  /** Accepted at or after this, and before that. */
  fromMs: number | null;
  toMs: number | null;
  /** Only events before this one; null: from the newest on. */
  beforeSeq: number | null;
  limit: number;
};

/** `more`: only events before it are left; null: that was all. A page may be short, as the look through a log is bounded. */
export type SentPage = { sent: SentEvent[]; more: LogPlace | null };
