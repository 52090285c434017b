import type { LogConsent } from "../../domain/consent.ts";
import type { LogSubscription } from "../../domain/subscription.ts";
import type { TopicConfig } from "../../domain/topic.ts";
import type { KnownAnswer } from "../store/idempotency-store.ts";

/** `hasPullers`: somebody has come to fetch its events; absent where a log of an older version says nothing of it. */
export type InheritedSubscription = {
  config: LogSubscription;
  removed: boolean;
  consents: LogConsent[];
  hasPullers?: boolean;
};

/** Some of a log's subscriptions, in the order of their ids; `next`: where the rest begins, null: there is none. */
export type SubscriptionPage = {
  topic: TopicConfig | null;
  subscriptions: InheritedSubscription[];
  next: string | null;
};

/** About one subscription, as its asker knows it: which lanes behind `after`, in the order of their keys, hold moved keys. */
export type MovedKeysAsk = { subscriptionId: string; version: number; after: string };

/**
 * `wait`: too early to tell. Else the lanes up to `upTo` (null: all of them) whose key has something outstanding here, and all
 * that are leased. Once a key has nothing, it never has anything again.
 */
export type MovedKeys = { kind: "wait" } | { kind: "keys"; keys: string[]; upTo: string | null };

/** What a log asks the one that it takes keys over from. A promise that fails: ask again. */
export type Predecessor = {
  /** From the answer on, it takes no event whose key a shard has taken over. */
  seal(shard: number): Promise<void>;
  listSubscriptions(after: string): Promise<SubscriptionPage>;
  /** One answer for each ask, in their order. */
  listMovedKeys(shard: number, asks: MovedKeysAsk[]): Promise<MovedKeys[]>;
  findFirstAnswers(keys: string[]): Promise<KnownAnswer[]>;
};
