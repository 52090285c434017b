import type { AppendOutcome } from "../domain/append-outcome.ts";
import type { LeaseAnswer } from "../domain/delivery.ts";
import type { ControlOutcome, RecentAttempts } from "../domain/delivery-log.ts";
import type { NewEvent, StoredEvent } from "../domain/event.ts";
import type { PullAnswer } from "../domain/pull.ts";
import { DeliveryTarget } from "../domain/subscription.ts";
import type { SubscriptionStatus } from "../domain/subscription-status.ts";

// A deployment is not atomic: for some minutes callers and logs are of two versions. What the older side leaves out is put in
// here; what the newer side says and this one has never heard of is no answer, and the caller asks again.

/** What events have had since the first version, as if those who did not know of it had said so. */
const UNSAID = { cloudEvent: null, hops: 0 };

/** An event from a caller of any version. */
export const readNewEvent = (event: Omit<NewEvent, keyof typeof UNSAID> & Partial<NewEvent>): NewEvent => ({
  ...UNSAID,
  ...event,
});

const readStoredEvent = (event: StoredEvent): StoredEvent => ({ ...UNSAID, ...event });

/** What a log of any version answers to settle-and-lease. Throws where it is nothing that this version knows. */
export function readLeaseAnswer(answer: LeaseAnswer): LeaseAnswer {
  switch (answer.kind) {
    case "done":
    case "wait":
    case "return":
      return answer;
    case "lease": {
      const { lease } = answer;
      const items = lease.items.map(({ key, events }) => ({ key, events: events.map(readStoredEvent) }));
      return { kind: "lease", lease: { ...lease, target: DeliveryTarget.parse(lease.target), items } };
    }
  }
  throw unknownAnswer(answer);
}

const PULL_ANSWERS: Record<PullAnswer["kind"], true> = { lease: true, nothing: true, not_found: true };

/** What a log of any version answers to who fetches events. Throws where it is nothing that this version knows. */
export function readPullAnswer(answer: PullAnswer): PullAnswer {
  if (!Object.hasOwn(PULL_ANSWERS, answer.kind)) throw unknownAnswer(answer);
  return answer;
}

const APPEND_OUTCOMES: Record<AppendOutcome["kind"], true> = {
  accepted: true,
  idempotency_conflict: true,
  subscription_not_found: true,
  data_owner_required: true,
  message_invalid: true,
  companion_refused: true,
  storage_full: true,
  rate_limited: true,
  topic_changed: true,
  failed: true,
};

/** What a log of any version answers to a publish. Throws where it is nothing that this version knows. */
export function readAppendOutcomes(outcomes: AppendOutcome[]): AppendOutcome[] {
  const unknown = outcomes.find(({ kind }) => !Object.hasOwn(APPEND_OUTCOMES, kind));
  if (unknown) throw unknownAnswer(unknown);
  return outcomes;
}

const CONTROL_OUTCOMES: Record<ControlOutcome, true> = {
  done: true,
  not_found: true,
  conflict: true,
  attempting: true,
};

/** What a log of any version answers to a control. Throws where it is nothing that this version knows. */
export function readControlOutcome(outcome: ControlOutcome): ControlOutcome {
  if (!Object.hasOwn(CONTROL_OUTCOMES, outcome)) throw unknownAnswer({ kind: outcome });
  return outcome;
}

const unknownAnswer = ({ kind }: { kind: string }): Error =>
  new Error(`the log answers "${kind}", unknown to this version`);

/** A status as the first versions gave it: they counted the last hour, and no day. */
type OlderStatus = Omit<SubscriptionStatus, "blocked" | "circuit" | keyof RecentAttempts> &
  Partial<SubscriptionStatus> &
  Pick<RecentAttempts, "lastError"> &
  Partial<RecentAttempts["hour"]>;

/** What a log of any version says of a subscription. */
export const readStatus = ({ attempts = 0, failures = 0, ...status }: OlderStatus): SubscriptionStatus => ({
  blocked: [],
  circuit: null,
  hour: { attempts, failures },
  day: { attempts, failures },
  latenciesMs: [],
  ...status,
});
