import type { Context } from "hono";
import type { AppendOutcome } from "../../domain/append-outcome.ts";
import type { NewEvent } from "../../domain/event.ts";
import { parseJsonBytes } from "../../domain/json-text.ts";
import type { Quota } from "../../domain/publish-limit.ts";
import { logName, placeKeyOf, shardOf } from "../../domain/topic.ts";
import { sha256 } from "../../kernel/digest.ts";
import { newEventId } from "../../kernel/ids.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { AppEnv } from "../app-env.ts";
import { forEachBounded } from "../bounded.ts";
import type { Problem } from "../problem.ts";
import { combineProblems } from "./batch-problem.ts";
import { type CheckBudget, newCheckBudget } from "./channel-schemas.ts";
import { type Finding, judgeEvent } from "./event-validation.ts";
import type { Destination } from "./publish-destination.ts";
import type { PublishForm } from "./publish-form.ts";
import type { Message } from "./publish-messages.ts";
import { publishRate } from "./publish-rate.ts";

/** What is published, and by whom. */
export type Submission = { clientId: string; form: PublishForm; messages: Message[] };

/** `finding`: an event is stored although something is wrong with it; the first one of a batch. */
export type Accepted = { eventIds: string[]; finding: Finding | null; quota: Quota | null };

/** What a publisher hears where its event may not be there. */
export const NOT_STORED = {
  reason: "log_unavailable",
  detail: "The event was not stored. Try again.",
} as const satisfies Problem;

/**
 * Checks events, and hands them to their logs, which have the last word whatever was found: they send a caller who knows less
 * of the API than they do to look again, so that nothing is refused by a schema that is no longer in force. The events of one
 * log are stored together or not at all; a batch that goes to several is safe to repeat where only some have taken theirs.
 */
export async function submit(
  c: Context<AppEnv>,
  destination: Destination,
  { clientId, form, messages }: Submission,
): Promise<Result<Accepted, Problem> | "topic_changed"> {
  const conclude = form === "batch" ? combineProblems : ([problem = null]: (Problem | null)[]) => problem;
  const budget = newCheckBudget();
  const checked = messages.map(({ body }, i) =>
    checkBody(destination, body, { budget, at: form === "batch" ? `/${i}/data` : "" }),
  );
  const unreadable = conclude(checked.map((check) => (check.ok ? null : check.error)));
  if (unreadable) return err(unreadable);
  const findings = checked.map((check) => (check.ok ? check.value : null));
  const outcomes = await append(c, destination, clientId, await toEvents(c, destination, messages, findings));
  if (outcomes.some((outcome) => outcome.kind === "topic_changed")) return "topic_changed";
  const failure = outcomes.find(({ kind }) => kind === "failed" || kind === "rate_limited" || kind === "storage_full");
  if (failure) return err(describeOutcome(failure, null, null) ?? NOT_STORED);
  const problem = conclude(
    outcomes.map((outcome, i) => describeOutcome(outcome, messages[i] ?? null, findings[i] ?? null)),
  );
  return problem ? err(problem) : ok(acceptedOf(outcomes, findings));
}

/** What the body says lives no longer than this: a thousand publishes may wait for their logs at once. */
function checkBody(
  { publisher, schemas }: Destination,
  body: Uint8Array,
  check: { at: string; budget: CheckBudget },
): Result<Finding | null, Problem> {
  const json = parseJsonBytes(body);
  return json.ok ? ok(judgeEvent(publisher.validation, schemas, json.value, check)) : json;
}

async function toEvents(
  c: Context<AppEnv>,
  { topic, channel }: Destination,
  messages: Message[],
  findings: (Finding | null)[],
): Promise<Placed[]> {
  const nowMs = c.var.clock.now();
  return Promise.all(
    messages.map(async ({ identity, ...message }, i) => {
      // Per channel as it is published to, whether a template or an address of its own stands behind it.
      const idempotency = identity && {
        key: await sha256(JSON.stringify([channel, ...identity.parts])),
        bodyDigest: identity.bodyDigest,
      };
      // A repeat has to come to the log that has the first.
      const shard = shardOf(placeKeyOf({ ...message, idempotency }), topic.shards, Math.random);
      const id = newEventId(nowMs, { topicNumber: topic.number, shard });
      const finding = findings[i];
      return { shard, event: { ...message, id, channel, idempotency, ...(finding && { invalid: finding.invalid }) } };
    }),
  );
}

/** An event, and which of its topic's logs it belongs to. */
type Placed = { shard: number; event: NewEvent };

/** One call for each log; one outcome an event, in their order. */
async function append(
  c: Context<AppEnv>,
  { publisher, topic }: Destination,
  clientId: string,
  placed: Placed[],
): Promise<AppendOutcome[]> {
  const rate = publishRate(c.env);
  const limit = rate && { clientId, rate };
  const outcomes = new Map<NewEvent, AppendOutcome>();
  await forEachBounded([...Map.groupBy(placed, ({ shard }) => shard)], async ([shard, group]) => {
    const events = group.map(({ event }) => event);
    const answer = await c.var.logs.append(logName(topic.id, shard), publisher.topicConfig, events, limit);
    if (answer.ok) for (const [i, outcome] of answer.value.entries()) outcomes.set(events[i] as NewEvent, outcome);
  });
  return placed.map(({ event }) => outcomes.get(event) ?? { kind: "failed", error: "the log does not answer" });
}

const acceptedOf = (outcomes: AppendOutcome[], findings: (Finding | null)[]): Accepted => {
  const accepted = outcomes.filter((outcome) => outcome.kind === "accepted");
  return {
    eventIds: accepted.map(({ eventId }) => eventId),
    // One that was to be refused is the repeat of one that was accepted before.
    finding: findings.find((finding) => finding?.invalid === "marked") ?? null,
    quota: accepted.find(({ quota }) => quota)?.quota ?? null,
  };
};

/** null: nothing is wrong with this event. */
function describeOutcome(outcome: AppendOutcome, message: Message | null, finding: Finding | null): Problem | null {
  switch (outcome.kind) {
    case "accepted":
    case "companion_refused":
    case "topic_changed":
      return null;
    case "message_invalid":
      return finding?.problem ?? NOT_STORED;
    case "idempotency_conflict": {
      const name = message?.identity?.name ?? "Idempotency-Key";
      return { reason: "idempotency_key_reused", detail: `This ${name} came with another body before.` };
    }
    case "subscription_not_found":
      return { reason: "subscription_unknown", detail: "Subscription-Id is no active subscription of this channel." };
    case "data_owner_required":
      return { reason: "data_owner_missing", detail: "This API needs a Data-Owner-Id with each event." };
    case "rate_limited":
      return {
        reason: "rate_limited",
        detail: "These credentials publish too fast.",
        retryAfterSeconds: outcome.waitSeconds,
      };
    case "storage_full":
      return {
        reason: "storage_full",
        detail: "The channel holds as much as it can. It takes events again when old ones are forgotten or delivered.",
      };
    case "failed":
      return NOT_STORED;
  }
}
