import { z } from "zod";
import { RATE_BURST_MAX, RATE_PER_SECOND_MAX, RATE_PER_SECOND_MIN } from "../kernel/limits.ts";
import { RetryPolicy } from "./retry-schedule.ts";

export const DeliveryFormat = z.enum(["standard", "fortellis", "cloudevents"]);
export type DeliveryFormat = z.infer<typeof DeliveryFormat>;

/** What signs a delivery beside Standard Webhooks' header: HTTP Message Signatures. */
export const SignatureScheme = z.literal("rfc9421");
export type SignatureScheme = z.infer<typeof SignatureScheme>;

/** A token bucket: `perSecond` requests on average, `burst` of them at once. */
export const RateLimit = z.strictObject({
  perSecond: z.number().min(RATE_PER_SECOND_MIN).max(RATE_PER_SECOND_MAX),
  burst: z.number().int().min(1).max(RATE_BURST_MAX),
});
export type RateLimit = z.infer<typeof RateLimit>;

/** A signing secret, sealed with the relay's master key (`kernel/sealed-box`). What an older version of this code kept is the box alone. */
export const SealedSecret = z.preprocess(
  (kept) => (typeof kept === "string" ? { sealed: kept, expiresMs: null } : kept),
  z.strictObject({
    sealed: z.string(),
    /** Until when it signs beside the one that came after it (ms since the epoch); null: it is the newest. */
    expiresMs: z.number().nullable(),
  }),
);
export type SealedSecret = z.infer<typeof SealedSecret>;

/** Where the log of a subscription starts: now, at its first event, or at the first one accepted at or after a time (ms). */
export type StartPosition = "latest" | "earliest" | { atMs: number };

/** Everything an attempt has to know of a subscription. Travels from the registry through the log to the consumer. */
export const DeliveryTarget = z.object({
  endpoint: z.string(),
  format: DeliveryFormat,
  /** Format `fortellis`: post to `{endpoint}/event` instead of `{endpoint}/event/{channel}`. */
  eventPath: z.literal("event").nullable(),
  /** Format `cloudevents`: one JSON body instead of the body as published and `ce-*` headers. */
  structured: z.boolean().default(false),
  signature: SignatureScheme.nullable().default(null),
  timeoutSeconds: z.number(),
  /** How many attempts of one log may be under way at once; null: as many as its consumers have connections. */
  maxInFlight: z.number().nullable().default(null),
  /** Static headers the subscriber asked for. */
  headers: z.record(z.string(), z.string()),
  /** `whsec_…` secrets, newest first; every one that has not expired signs. */
  sealedSigningSecrets: z.array(SealedSecret),
  /** The app's API key: subject of the delivery token. */
  appClientId: z.string(),
});
export type DeliveryTarget = z.infer<typeof DeliveryTarget>;

/** A replay: from the first event accepted at or after a time (ms), or from one event where the log has it. */
export const Seek = z.object({
  /** Tells one replay from the next. */
  n: z.number().int(),
  toMs: z.number(),
  toEventId: z.string().nullable(),
});
export type Seek = z.infer<typeof Seek>;

/** A subscription as a topic's log keeps it. The registry pushes a whole one at each change. */
export const LogSubscription = z.object({
  id: z.string(),
  /** Grows with each change; a log ignores an older one. */
  version: z.number().int(),
  active: z.boolean(),
  retry: RetryPolicy,
  /** null: no webhook, live and pull only. */
  target: DeliveryTarget.nullable(),
  /**
   * The events it wants: a JSON Schema over `{channel, key, owner, data}`, as JSON text; null: all of them. What an older
   * version of this code stored or sent says nothing of it.
   */
  filter: z.string().nullable().default(null),
  /** How fast attempts may follow each other, over all of the log's keys; null: as fast as they can. */
  rateLimit: RateLimit.nullable().default(null),
  /** The last replay that was asked for; a log that has not begun it does so when it hears of it. */
  seek: Seek.nullable().default(null),
  /** The subscriber's organization: where events are addressed, it gets its own. Callers of an older version do not say. */
  organizationId: z.string().nullable().default(null),
});
export type LogSubscription = z.infer<typeof LogSubscription>;
