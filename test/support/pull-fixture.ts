import type { NewEvent } from "../../src/domain/event.ts";
import type { PullAnswer, PullCall, PullLease, PullLeaseRef, PullOutcome, PullSettled } from "../../src/domain/pull.ts";
import type { LogSubscription } from "../../src/domain/subscription.ts";
import { newEventId } from "../../src/kernel/ids.ts";
import { pullLease } from "../../src/topic/engine/pull.ts";
import { pullSettle } from "../../src/topic/engine/pull-settle.ts";
import { LogFixture } from "./log-fixture.ts";

/** A log with a subscription that has no endpoint, and consumers that come by themselves. */
export class PullFixture extends LogFixture {
  #calls = 0;

  override subscribe(
    fields: Partial<LogSubscription> = {},
    ...more: [Parameters<LogFixture["subscribe"]>[1]?, Parameters<LogFixture["subscribe"]>[2]?]
  ): string {
    return super.subscribe({ target: null, ...fields }, ...more);
  }

  /** Ids as publishers get them: an event is found by what its id says. */
  override event(fields: Partial<NewEvent> = {}): NewEvent {
    return super.event({ id: newEventId(this.nowMs, { topicNumber: 1, shard: 0 }), ...fields });
  }

  pull(fields: Partial<PullCall> = {}): PullAnswer {
    const nonce = `pull-${++this.#calls}`;
    return pullLease(this.log, { subscription: "s", max: 100, leaseSeconds: 30, nonce, ...fields });
  }

  take(fields: Partial<PullCall> = {}): PullLease {
    const answer = this.pull(fields);
    if (answer.kind !== "lease") throw new Error(`no lease but ${JSON.stringify(answer)}`);
    return answer.lease;
  }

  /** Says what became of some events, by their places in the log. */
  settle(outcome: PullOutcome, ...seqs: number[]): PullSettled {
    return this.settleAll(seqs.map((seq) => [seq, outcome]));
  }

  settleAll(outcomes: [seq: number, outcome: PullOutcome][], leases?: PullLeaseRef[]): PullSettled {
    const named = outcomes.map(([seq, outcome]) => ({ eventId: this.idOf(seq), outcome }));
    return pullSettle(this.log, { subscription: "s", outcomes: named, ...(leases && { leases }) });
  }

  idOf(seq: number): string {
    return this.log.events.describe(seq)?.id ?? newEventId(this.nowMs, { topicNumber: 1, shard: 0 });
  }
}

/** What a lease holds: its keys, each with its places in the log. */
export const pulledSeqs = ({ items }: PullLease): Record<string, number[]> =>
  Object.fromEntries(items.map(({ key, events }) => [key, events.map(({ seq }) => seq)]));
