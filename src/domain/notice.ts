import type { AttemptError } from "./delivery.ts";

/** The organization whose API the notices are. Nobody is a member of it, and it has no credentials. */
export const RELAY_ORGANIZATION_ID = "00000000-0000-8000-8000-000000000001";

/** The API that the relay publishes its own events on. Each organization that subscribes gets what is addressed to it. */
export const RELAY_API_ID = "00000000-0000-8000-8000-000000000002";

/** The address of its one channel: one log, so that notices about one thing keep their order, whatever they say. */
export const NOTICE_ADDRESS = "notices/{notice}";

type OfSubscription = { subscriptionId: string; apiId: string };
type OfConsent = OfSubscription & { consentId: string; dataOwnerId: string };
type OfChannel = { apiId: string; channel: string; storedBytes: number; storedBytesMax: number };

/** What each notice tells: ids, times, counts, the class of an error. Never a payload, never a secret. */
type NoticeData = {
  /** To the publisher: a subscriber waits for approval. */
  "subscription.pending": OfSubscription & { subscriberId: string };
  /** To the subscriber, as all that follow on subscriptions: its endpoint answered 410, or failed for too long. */
  "subscription.disabled": OfSubscription & { reason: "gone" | "failing" };
  /** Its endpoint does nothing but fail. Told again each day for as long as that goes on. */
  "subscription.failing": OfSubscription & { failingSince: string; error: AttemptError; status: number };
  /** What was said to be failing has delivered again, or what was disabled was resumed. */
  "subscription.recovered": OfSubscription & { failingSince: string | null };
  /** Events were given up: so many since the last such notice, from that one on up to this one. */
  "delivery.dead": OfSubscription & { count: number; firstEventId: string; lastEventId: string };
  /** The oldest event that waits has waited for long. Told once, and again only after it had become better. */
  "backlog.growing": OfSubscription & { backlog: number; backlogIsExact: boolean; oldestUndeliveredAt: string };
  /** To the data owner. */
  "consent.requested": OfConsent;
  /** To the subscriber and to the publisher. */
  "consent.revoked": OfConsent;
  /** To the publisher: a channel will soon take no more events, or takes none (507). */
  "storage.nearly_full": OfChannel;
  "storage.full": OfChannel;
  /** To each subscriber of the API. */
  "api.version.breaking": { apiId: string; version: string; breakingChanges: number };
};

export type NoticeType = keyof NoticeData;

/** One of the relay's own events. */
export type Notice = { [T in NoticeType]: { type: T; data: NoticeData[T] } }[NoticeType];

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
