import { z } from "zod";
import { prepareLease } from "../../delivery/relay-attempts.ts";
import { fillAddress, normalizeAddress } from "../../domain/channel-address.ts";
import type { StoredEvent } from "../../domain/event.ts";
import { compileSchema } from "../../json-schema/compile-schema.ts";
import { sampleValue } from "../../json-schema/samples/sample-value.ts";
import { utf8Bytes } from "../../kernel/encoding.ts";
import { newEventId, newId } from "../../kernel/ids.ts";
import { CHANNEL_CHARS_MAX } from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { liveStatus } from "../../registry/endpoint-challenges.ts";
import { loadSubscriptionPayload } from "../../registry/push-payloads.ts";
import type { Subscription } from "../../registry/subscriptions.ts";
import { listTopics, type Topic } from "../../registry/topics.ts";
import { invalid } from "../body.ts";
import { conflict, write } from "../call/call.ts";
import { aSubscription } from "../call/named-things.ts";
import { optionalBody } from "../call/request-body.ts";
import { Line } from "../fields.ts";
import { notFound, type Problem } from "../problem.ts";

/** Tells a receiver that this is a sample: nothing has happened. */
const TEST_HEADER = { "Event-Test": "true" };

const MESSAGE_NAME_CHARS_MAX = 1_024;

/** Which sample; by default the first message of the subscription's first channel. */
const TestRequest = z.strictObject({
  channel: Line(CHANNEL_CHARS_MAX).transform(normalizeAddress).meta({ type: "string" }).optional(),
  message: Line(MESSAGE_NAME_CHARS_MAX).optional(),
});
type TestRequest = z.infer<typeof TestRequest>;

/** What the endpoint answered; status 0 and an `error` where it did not. */
const TestView = z.object({
  eventId: z.string(),
  status: z.number(),
  ms: z.number(),
  error: z.string().nullable(),
  response: z.string(),
});

/** A sample goes the way of a delivery, but through no log: it is tried once, and it changes nothing. */
export const sendTest = write({
  method: "post",
  path: "/v1/subscriptions/{id}/test",
  tag: "Subscriptions",
  summary: "Send the endpoint a signed sample event, and see what it answers",
  action: "subscription.test",
  names: aSubscription,
  status: 200,
  body: optionalBody(TestRequest),
  answers: TestView,
  handle: async ({ db, env, nowMs, named: subscription, body }) => {
    if (subscription.endpoint === null) return conflict("This subscription has no endpoint.");
    if (liveStatus(subscription) === "unverified") return conflict("The endpoint has not agreed to deliveries yet.");
    // A sample shows the document as it is now.
    if (!subscription.apiVisible) return conflict("The API is hidden from the subscriber.");
    if (subscription.status === "rejected") return conflict("This subscription was rejected by the API's publisher.");
    const sample = chooseSample(subscription, await listTopics(db, subscription.apiId), body);
    if (!sample.ok) return sample;
    const payload = await loadSubscriptionPayload(db, subscription.id);
    const target = payload?.subscription.target;
    if (!target) return notFound("subscription");
    // Another endpoint may not have agreed.
    if (target.endpoint !== subscription.endpoint) return conflict("The endpoint was changed meanwhile. Try again.");
    const attempt = await prepareLease(env, {
      target: { ...target, headers: { ...target.headers, ...TEST_HEADER } },
      sourceOrganizationId: payload.topic.organizationId,
    });
    if (!attempt.ok) return err({ reason: "log_unavailable", detail: "The sample cannot be signed now. Try again." });
    const event = makeEvent(sample.value, nowMs);
    const { status, ms, error, excerpt } = await attempt.value(event);
    return ok({ body: { eventId: event.id, status, ms, error, response: excerpt }, writes: [], audit: null });
  },
});

type Message = Topic["messages"][number];
type Sample = { topic: Topic; message: Message | undefined };

function chooseSample(
  { channels }: Subscription,
  topics: Topic[],
  { channel, message: name }: TestRequest,
): Result<Sample, Problem> {
  const own = topics.filter(({ address }) => channels?.includes(address) ?? true);
  const asked = own.filter(({ address }) => channel === undefined || address === channel);
  const [first] = asked;
  if (!first) {
    if (own.length === 0) return conflict("The API has none of this subscription's channels any more.");
    return err(invalid({ path: "channel", message: "is no channel of this subscription" }));
  }
  if (name === undefined) return ok({ topic: first, message: first.messages[0] });
  for (const topic of asked) {
    const message = topic.messages.find((other) => other.name === name);
    if (message) return ok({ topic, message });
  }
  return err(invalid({ path: "message", message: "is no message of these channels" }));
}

function makeEvent({ topic, message }: Sample, nowMs: number): StoredEvent {
  const value = message ? samplePayload(message) : {};
  return {
    seq: 0,
    id: newEventId(nowMs, { topicNumber: topic.number, shard: 0 }),
    channel: fillAddress(topic.address, (name) => sampleParameter(topic, name)),
    partitionKey: null,
    dataOwnerId: null,
    requestId: newId(),
    originRequestId: null,
    traceparent: null,
    contentType: "application/json",
    cloudEvent: null,
    hops: 0,
    acceptedMs: nowMs,
    body: utf8Bytes(JSON.stringify(value)),
  };
}

function samplePayload({ examples, schema }: Message): unknown {
  if (schema === null) return examples[0] ?? {};
  const compiled = compileSchema(schema, { badPatterns: "leave" });
  const isRefused = (example: unknown): boolean => compiled.ok && compiled.value.matches(example) === "invalid";
  // AsyncAPI 3 lets a document have examples that its own schemas refuse.
  const example = examples.find((candidate) => !isRefused(candidate));
  return example === undefined ? sampleValue(schema) : example;
}

/** One segment of a path, or a part of one; its own name where its schema has no such value. */
function sampleParameter(topic: Topic, name: string): string {
  const schema = topic.parameters.find((parameter) => parameter.name === name)?.schema ?? null;
  const value = schema === null ? null : sampleValue(schema);
  const text = typeof value === "object" ? "" : String(value);
  return /^[^/\p{Cc}]+$/u.test(text) ? text : name;
}
