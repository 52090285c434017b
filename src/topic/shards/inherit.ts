import { LogSubscription } from "../../domain/subscription.ts";
import { TopicConfig } from "../../domain/topic.ts";
import { IDEMPOTENCY_WINDOW_MS } from "../../kernel/limits.ts";
import { takeTopic } from "../engine/controls.ts";
import type { LogState } from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";
import { hasPullers } from "../store/subscription.ts";
import type { Predecessor, SubscriptionPage } from "./predecessor.ts";

/**
 * What a new shard does before anything else: from then on its predecessor refuses the keys that are its own now, and it knows
 * every subscription that the predecessor knows. Begun anew where it fails; done once.
 */
export async function inherit(log: LogState, predecessor: Predecessor): Promise<void> {
  if (log.succession.inheritedMs !== null) return;
  await predecessor.seal(log.succession.shard);
  for (let after: string | null = ""; after !== null; ) {
    const page: SubscriptionPage = await predecessor.listSubscriptions(after);
    transact(log, () => takePage(log, page));
    after = page.next;
  }
  transact(log, () => {
    const now = log.platform.clock.now();
    log.succession.completeInheritance(now);
    log.alarm.by(log.gates.nextAskMs());
  });
}

/** Whatever is accepted here, was so after all that the predecessor knows: subscriptions and consents hold from the beginning. */
function takePage(log: LogState, { topic, subscriptions: inherited }: SubscriptionPage): void {
  const { subscriptions, platform } = log;
  if (topic) takeTopic(log, TopicConfig.parse(topic));
  for (const { config: told, removed, consents, hasPullers: pulled } of inherited) {
    // A predecessor of an older version leaves out what it does not know of.
    const config = LogSubscription.parse(told);
    const s = subscriptions.get(config.id) ?? subscriptions.add(config, 0, 0);
    s.config = config;
    s.removed = removed;
    s.epoch = removed ? 2 : 1; // as where it was removed: it comes back in an epoch of its own
    subscriptions.save(s);
    // Else its events could be forgotten here before its consumer comes by.
    if (pulled && !hasPullers(s)) subscriptions.addPullSlot(s);
    for (const consent of consents) subscriptions.putConsent(s, consent, 0, platform.clock.now());
  }
}

/**
 * Takes over what the predecessor has answered under idempotency keys, for as long as that may matter: a
 * publisher does not know that its key has moved between two tries.
 */
export async function inheritAnswers(log: LogState, predecessor: Predecessor, keys: string[]): Promise<void> {
  const { succession, idempotency, platform } = log;
  const now = platform.clock.now();
  if (succession.inheritedMs === null || now - succession.inheritedMs > IDEMPOTENCY_WINDOW_MS) return;
  const unknown = keys.filter((key) => !idempotency.find(key, now));
  if (unknown.length === 0) return;
  const answers = await predecessor.findFirstAnswers(unknown);
  if (answers.length === 0) return;
  transact(log, () => {
    for (const answer of answers) {
      if (!idempotency.find(answer.key, now)) idempotency.add(answer.key, answer, now, answer.atMs);
    }
  });
}
