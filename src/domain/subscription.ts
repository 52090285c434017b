import { z } from "zod";
import { RetryPolicy } from "./retry-schedule.ts";

export const DeliveryFormat = z.enum(["standard", "fortellis"]);
export type DeliveryFormat = z.infer<typeof DeliveryFormat>;

/** Where the log of a subscription starts: now, at its first event, or at the first one accepted at or after a time (ms). */
export type StartPosition = "latest" | "earliest" | { atMs: number };

/** Everything an attempt has to know of a subscription. Travels from the registry through the log to the consumer. */
export const DeliveryTarget = z.strictObject({
  endpoint: z.string(),
  format: DeliveryFormat,
  /** Format `fortellis`: post to `{endpoint}/event` instead of `{endpoint}/event/{channel}`. */
  eventPath: z.literal("event").nullable(),
  timeoutSeconds: z.number(),
  /** Static headers the subscriber asked for. */
  headers: z.record(z.string(), z.string()),
  /** `whsec_…` secrets, each sealed with the relay's master key (`kernel/sealed-box`); every one of them signs. */
  sealedSigningSecrets: z.array(z.string()),
  /** The app's API key: subject of the delivery token. */
  appClientId: z.string(),
});
export type DeliveryTarget = z.infer<typeof DeliveryTarget>;

/** A subscription as a topic's log keeps it. The registry pushes a whole one at each change. */
export const LogSubscription = z.strictObject({
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
});
export type LogSubscription = z.infer<typeof LogSubscription>;

/** What a log says of one of its subscriptions. */
export type SubscriptionStatus = {
  /** Accepted and not done: waiting, leased, failing and blocked ones. */
  backlog: number;
  /** False where the count stopped at its bound: the backlog is then at least that. */
  backlogIsExact: boolean;
  oldestUndeliveredMs: number | null;
  /** Keys whose first event has failed. */
  blockedKeys: number;
  /** Events given up after `maxAttempts`. */
  dead: number;
  /** Attempts and failures of the last hour, as far as the bounded scan of the delivery log went. */
  attempts: number;
  failures: number;
  lastError: { atMs: number; status: number; error: string } | null;
};
