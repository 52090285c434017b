import { type Context, Hono } from "hono";
import type { NewEvent } from "../../domain/event.ts";
import { parseJsonBytes } from "../../domain/json-text.ts";
import { logName, shardOf } from "../../domain/topic.ts";
import { sha256 } from "../../kernel/digest.ts";
import { newEventId } from "../../kernel/ids.ts";
import { EVENT_BODY_BYTES_MAX } from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { authorizationServer } from "../../oauth/authorization-server.ts";
import { verifyAccessToken } from "../../oauth/tokens.ts";
import type { AppendOutcome } from "../../topic/client.ts";
import type { AppEnv } from "../app-env.ts";
import { readBytes } from "../body.ts";
import { type Problem, problem } from "../problem.ts";
import { type Finding, judgeEvent } from "./event-validation.ts";
import { type Destination, findDestination, PREFIX, rereadDestination } from "./publish-destination.ts";
import { readPublishHeaders } from "./publish-headers.ts";

// It is stored with the event and sent to its receivers.
const PLAIN_TYPE = /^[\x20-\x7e]{1,200}$/;

/** `POST /v2/events/{channel…}`: answers once the event is durable, before any delivery. */
export const publishRoutes = new Hono<AppEnv>().post(PREFIX, publish).post(`${PREFIX}/*`, publish);

async function publish(c: Context<AppEnv>): Promise<Response> {
  const accepted = await acceptEvent(c);
  if (accepted.ok) {
    const { eventId, finding } = accepted.value;
    if (finding) c.header("Event-Validation", finding.header);
    return c.json({ eventId });
  }
  // What was accepted is in the topic log's own line, one for each group commit: a line for each publish costs a sixth of its CPU.
  logLine("publish_refused", { requestId: c.var.requestId, path: c.req.path, reason: accepted.error.reason });
  return problem(c, accepted.error);
}

/** `finding`: the event is stored although something is wrong with it. */
type Accepted = { eventId: string; finding: Finding | null };

async function acceptEvent(c: Context<AppEnv>): Promise<Result<Accepted, Problem>> {
  const contentType = c.req.header("Content-Type") ?? "";
  if (!isJson(contentType)) return refuse("media_type_unsupported", "Events are application/json in UTF-8.");
  const clientId = await authenticate(c);
  if (!clientId.ok) return clientId;
  const destination = await findDestination(c, clientId.value);
  if (!destination.ok) return destination;
  const message = await readMessage(c, contentType);
  if (!message.ok) return message;
  const first = await submit(c, destination.value, message.value);
  if (first !== "topic_changed") return first;
  const changed = await rereadDestination(c, clientId.value);
  if (!changed.ok) return changed;
  const second = await submit(c, changed.value, message.value);
  return second === "topic_changed" ? NOT_STORED : second;
}

type Message = Omit<NewEvent, "id" | "channel" | "invalid">;

/** The event apart from where it goes. */
async function readMessage(c: Context<AppEnv>, contentType: string): Promise<Result<Message, Problem>> {
  const headers = readPublishHeaders(c.req.raw.headers);
  if (!headers.ok) return headers;
  const body = await readBytes(c.req.raw, EVENT_BODY_BYTES_MAX);
  if (!body.ok) return body;
  const { idempotencyKey: key, ...fromHeaders } = headers.value;
  const idempotency = key === null ? null : { key, bodyDigest: await sha256(body.value) };
  const { requestId } = c.var;
  return ok({ ...fromHeaders, requestId, contentType, cloudEvent: null, hops: 0, body: body.value, idempotency });
}

/**
 * Checks an event, and hands it to its log, which has the last word whatever was found: it sends a caller who knows less of the
 * API than it does to look again, so that nothing is refused by a schema that is no longer in force.
 */
async function submit(
  c: Context<AppEnv>,
  destination: Destination,
  message: Message,
): Promise<Result<Accepted, Problem> | "topic_changed"> {
  const checked = checkBody(destination, message.body);
  if (!checked.ok) return checked;
  const finding = checked.value;
  const outcome = await append(c, destination, message, finding);
  switch (outcome?.kind) {
    case "accepted":
      // One that was to be refused is the repeat of one that was accepted before.
      return ok({ eventId: outcome.eventId, finding: finding?.invalid === "marked" ? finding : null });
    case "message_invalid":
      return finding ? err(finding.problem) : NOT_STORED;
    case "idempotency_conflict":
      return refuse("idempotency_key_reused", "This Idempotency-Key came with another body before.");
    case "subscription_not_found":
      return refuse("subscription_unknown", "Subscription-Id is no active subscription of this channel.");
    case "data_owner_required":
      return refuse("data_owner_missing", "This API needs a Data-Owner-Id with each event.");
    case "topic_changed":
      return outcome.kind;
    case "failed":
    case undefined:
      return NOT_STORED;
  }
}

/** What the body says lives no longer than this: a thousand publishes may wait for their logs at once. */
function checkBody({ publisher, schemas }: Destination, body: Uint8Array): Result<Finding | null, Problem> {
  const json = parseJsonBytes(body);
  return json.ok ? ok(judgeEvent(publisher.validation, schemas, json.value)) : json;
}

async function append(
  c: Context<AppEnv>,
  { publisher, topic, channel }: Destination,
  message: Message,
  finding: Finding | null,
): Promise<AppendOutcome | undefined> {
  const shard = shardOf(message.partitionKey, topic.shards, Math.random);
  const id = newEventId(c.var.clock.now(), { topicNumber: topic.number, shard });
  const log = logName(topic.id, shard);
  const config = { version: publisher.revision, access: publisher.access, organizationId: publisher.organizationId };
  const { idempotency } = message;
  // Per channel as it is published to, whether a template or an address of its own stands behind it.
  const scoped = idempotency && { ...idempotency, key: await sha256(JSON.stringify([channel, idempotency.key])) };
  const event: NewEvent = {
    ...message,
    id,
    channel,
    idempotency: scoped,
    ...(finding && { invalid: finding.invalid }),
  };
  const outcomes = await c.var.logs.append(log, config, [event]);
  return outcomes.ok ? outcomes.value[0] : undefined;
}

/** RFC 8259 §8.1: JSON between systems is UTF-8; a charset that says otherwise is refused. */
function isJson(contentType: string): boolean {
  if (!PLAIN_TYPE.test(contentType)) return false;
  const [type = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  return (
    type === "application/json" && parameters.every((p) => !p.startsWith("charset=") || /^charset="?utf-8"?$/.test(p))
  );
}

async function authenticate(c: Context<AppEnv>): Promise<Result<string, Problem>> {
  const authorization = c.req.header("Authorization");
  if (!authorization) return refuse("token_missing", "Publish with an access token of the API's credentials.");
  const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization) ?? [];
  if (!token) return refuse("token_invalid", "The Authorization header is not a bearer token.");
  const owner = await verifyAccessToken(authorizationServer(c.env, c.var.clock), token);
  if (!owner.ok) return err(describeTokenRefusal(owner.error.reason));
  if (owner.value.kind !== "publisher") return refuse("not_a_publisher", "This token is not a publisher's.");
  return ok(owner.value.clientId);
}

function describeTokenRefusal(reason: "token_invalid" | "token_expired" | "keys_unavailable"): Problem {
  switch (reason) {
    case "token_invalid":
      return { reason, detail: "The access token is not valid." };
    case "token_expired":
      return { reason, detail: "The access token has expired." };
    case "keys_unavailable":
      return { reason: "log_unavailable", detail: "The token cannot be checked now. Try again." };
  }
}

const refuse = (reason: Problem["reason"], detail: string): Result<never, Problem> => err({ reason, detail });

const NOT_STORED = refuse("log_unavailable", "The event was not stored. Try again.");
