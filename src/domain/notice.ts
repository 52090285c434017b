import { z } from "zod";
import type { AttemptError } from "./delivery.ts";

/** The organization whose API the notices are. Nobody is a member of it, and it has no credentials. */
export const RELAY_ORGANIZATION_ID = "00000000-0000-8000-8000-000000000001";

/** The API that the relay publishes its own events on. Each organization that subscribes gets what is addressed to it. */
export const RELAY_API_ID = "00000000-0000-8000-8000-000000000002";

/** The address of its one channel: one log, so that notices about one thing keep their order, whatever they say. */
export const NOTICE_ADDRESS = "relay/notices/{notice}";

const ofApi = { apiId: z.string() };
const ofSubscription = { ...ofApi, subscriptionId: z.string() };
/** As one of the API's channels has it: each is delivered for itself. */
const ofDelivery = { ...ofSubscription, channel: z.string() };
const ofConsent = { ...ofSubscription, consentId: z.string(), dataOwnerId: z.string() };
const ofChannel = { ...ofApi, channel: z.string(), storedBytes: z.number(), storedBytesMax: z.number() };

const notice = <T extends string, S extends z.ZodRawShape>(type: T, data: S) =>
  z.object({ type: z.literal(type), data: z.object(data) });

/** One of the relay's own events: ids, times, counts, the class of an error. Never a payload, never a secret. */
export const Notice = z.discriminatedUnion("type", [
  /** To the publisher: a subscriber waits for approval. */
  notice("subscription.pending", { ...ofSubscription, subscriberId: z.string() }),
  /** To the subscriber, as all that follow on subscriptions: its endpoint answered 410, or failed for too long. */
  notice("subscription.disabled", { ...ofSubscription, reason: z.enum(["gone", "failing"]) }),
  /** Its endpoint does nothing but fail. Told again each day for as long as that goes on. */
  notice("subscription.failing", {
    ...ofDelivery,
    failingSince: z.string(),
    error: z.string(),
    status: z.number(),
  }),
  /** What was said to be failing has delivered again, or (null, in all channels) what was disabled was resumed. */
  notice("subscription.recovered", {
    ...ofSubscription,
    channel: z.string().nullable(),
    failingSince: z.string().nullable(),
  }),
  /** Events were given up: so many since the last such notice, from that one on up to this one. */
  notice("delivery.dead", {
    ...ofDelivery,
    count: z.number(),
    firstEventId: z.string(),
    lastEventId: z.string(),
  }),
  /** The oldest event that waits has waited for long. Told once, and again only after it had become better. */
  notice("backlog.growing", {
    ...ofDelivery,
    backlog: z.number(),
    backlogIsExact: z.boolean(),
    oldestUndeliveredAt: z.string(),
  }),
  /** To the data owner. */
  notice("consent.requested", ofConsent),
  /** To the subscriber and to the publisher. */
  notice("consent.revoked", ofConsent),
  /** To the publisher: a channel will soon take no more events, or takes none (507). */
  notice("storage.nearly_full", ofChannel),
  notice("storage.full", ofChannel),
  /** To each subscriber of the API. */
  notice("api.version.breaking", { ...ofApi, version: z.string(), breakingChanges: z.number() }),
]);
export type Notice = z.infer<typeof Notice>;

/** Notices about one thing come in order: they have one partition key. */
export const subjectOf = ({ data }: Notice): string => ("subscriptionId" in data ? data.subscriptionId : data.apiId);

/** The path that a notice is published to. */
export const channelOf = ({ type }: Notice): string => NOTICE_ADDRESS.replace("{notice}", type);

/** A notice on its way: to whom, and since when it is so. `key` names it, so that it is published once, however often it is sent. */
export type AddressedNotice = { key: string; organizationId: string; atMs: number; notice: Notice };

/** What a log finds out about itself and its subscriptions. It knows neither APIs nor organizations by name. */
export type LogNews =
  | { type: "delivery.dead"; subscriptionId: string; count: number; firstEventId: string; lastEventId: string }
  | {
      type: "subscription.failing";
      subscriptionId: string;
      failingSinceMs: number;
      error: AttemptError;
      status: number;
    }
  | { type: "subscription.recovered"; subscriptionId: string; failingSinceMs: number }
  | {
      type: "backlog.growing";
      subscriptionId: string;
      backlog: number;
      backlogIsExact: boolean;
      oldestUndeliveredMs: number;
    }
  | { type: "storage.nearly_full" | "storage.full"; storedBytes: number };

/** As the log keeps it until it is told: `n` is a number that it never gives again. */
export type LogNotice = LogNews & { n: number; atMs: number };
