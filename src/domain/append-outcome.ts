import type { Quota } from "./publish-limit.ts";

/** What became of one event. All but `failed` are final answers. */
export type AppendOutcome =
  /** `quota`: what its publisher has left, where there is a limit. */
  | { kind: "accepted"; eventId: string; quota?: Quota }
  /** The same idempotency key came with another body. */
  | { kind: "idempotency_conflict" }
  | { kind: "subscription_not_found" }
  | { kind: "data_owner_required" }
  /** As the caller said: it had looked at what the API says now. */
  | { kind: "message_invalid" }
  /** Nothing was stored: another event of the same call is refused, as its own outcome says. */
  | { kind: "companion_refused" }
  /** Nothing was stored: the log is nearly as large as the platform lets it grow. */
  | { kind: "storage_full" }
  /** Nothing was stored: the publisher is too fast, and may come again after so many seconds. */
  | { kind: "rate_limited"; waitSeconds: number }
  /** Nothing was stored: the API has changed since the caller looked (credentials withdrawn, settings, shards, deletion). */
  | { kind: "topic_changed" }
  /** Nothing was stored; the publisher may try again. */
  | { kind: "failed"; error: string };
