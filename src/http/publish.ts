import { type Context, Hono } from "hono";
import { findChannel, isTemplate, normalizeAddress } from "../domain/channel-address.ts";
import type { NewEvent } from "../domain/event.ts";
import { parseJsonBytes } from "../domain/json-text.ts";
import { logName, shardOf } from "../domain/topic.ts";
import { sha256 } from "../kernel/digest.ts";
import { newEventId } from "../kernel/ids.ts";
import { CHANNEL_CHARS_MAX, EVENT_BODY_BYTES_MAX } from "../kernel/limits.ts";
import { logLine } from "../kernel/log.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { authorizationServer } from "../oauth/authorization-server.ts";
import { verifyAccessToken } from "../oauth/tokens.ts";
import { loadPublisher, type Publisher } from "../registry/publishers.ts";
import type { AppendOutcome } from "../topic/client.ts";
import type { AppEnv } from "./app-env.ts";
import { readBytes } from "./body.ts";
import { type Problem, problem } from "./problem.ts";
import { readPublishHeaders } from "./publish-headers.ts";
import { type LookupDeps, PublisherCache } from "./publisher-cache.ts";

const PREFIX = "/v2/events";

// It is stored with the event and sent to its receivers.
const PLAIN_TYPE = /^[\x20-\x7e]{1,200}$/;

// One isolate, one memory.
const publishers = new PublisherCache();

type Topic = Publisher["topics"][number];
type Destination = { publisher: Publisher; topic: Topic; channel: string };

/** `POST /v2/events/{channel…}`: answers once the event is durable, before any delivery. */
export const publishRoutes = new Hono<AppEnv>().post(PREFIX, publish).post(`${PREFIX}/*`, publish);

async function publish(c: Context<AppEnv>): Promise<Response> {
  const accepted = await acceptEvent(c);
  if (accepted.ok) return c.json({ eventId: accepted.value });
  // What was accepted is in the topic log's own line, one for each group commit: a line for each publish costs a sixth of its CPU.
  logLine("publish_refused", { requestId: c.var.requestId, path: c.req.path, reason: accepted.error.reason });
  return problem(c, accepted.error);
}

async function acceptEvent(c: Context<AppEnv>): Promise<Result<string, Problem>> {
  const contentType = c.req.header("Content-Type") ?? "";
  if (!isJson(contentType)) return refuse("media_type_unsupported", "Events are application/json in UTF-8.");
  const clientId = await authenticate(c);
  if (!clientId.ok) return clientId;
  const destination = await findDestination(c, clientId.value, knownPublishers);
  if (!destination.ok) return destination;
  const message = await readMessage(c, contentType);
  if (!message.ok) return message;
  const first = await append(c, destination.value, message.value);
  if (first?.kind !== "topic_changed") return readOutcome(first);
  const changed = await findDestination(c, clientId.value, rereadPublishers);
  return changed.ok ? readOutcome(await append(c, changed.value, message.value)) : changed;
}

type Message = Omit<NewEvent, "id" | "channel">;

/** The event apart from where it goes. */
async function readMessage(c: Context<AppEnv>, contentType: string): Promise<Result<Message, Problem>> {
  const headers = readPublishHeaders(c.req.raw.headers);
  if (!headers.ok) return headers;
  const body = await readBytes(c.req.raw, EVENT_BODY_BYTES_MAX);
  if (!body.ok) return body;
  const json = parseJsonBytes(body.value);
  if (!json.ok) return json;
  const { idempotencyKey: key, ...fromHeaders } = headers.value;
  const idempotency = key === null ? null : { key, bodyDigest: await sha256(body.value) };
  return ok({ ...fromHeaders, requestId: c.var.requestId, contentType, body: body.value, idempotency });
}

async function append(
  c: Context<AppEnv>,
  { publisher, topic, channel }: Destination,
  message: Message,
): Promise<AppendOutcome | undefined> {
  const shard = shardOf(message.partitionKey, topic.shards, Math.random);
  const id = newEventId(c.var.clock.now(), { topicNumber: topic.number, shard });
  const log = logName(topic.id, shard);
  const config = { version: publisher.revision, access: publisher.access, organizationId: publisher.organizationId };
  const { idempotency } = message;
  // Per channel as it is published to, whether a template or an address of its own stands behind it.
  const scoped = idempotency && { ...idempotency, key: await sha256(JSON.stringify([channel, idempotency.key])) };
  const outcomes = await c.var.logs.append(log, config, [{ ...message, id, channel, idempotency: scoped }]);
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

/** How a publisher is looked up: in what the isolate knows, or in the registry. */
type Lookup = (clientId: string, deps: LookupDeps) => ReturnType<PublisherCache["get"]>;

const knownPublishers: Lookup = (clientId, deps) => publishers.get(clientId, deps);
const rereadPublishers: Lookup = (clientId, deps) => publishers.reload(clientId, deps);

/** Which topic the path names, for a publisher that may publish there. Warm, it reads no database. */
async function findDestination(
  c: Context<AppEnv>,
  clientId: string,
  lookup: Lookup,
): Promise<Result<Destination, Problem>> {
  const deps: LookupDeps = {
    clock: c.var.clock,
    load: () => loadPublisher(c.env.REGISTRY, clientId),
    background: (work) => c.executionCtx.waitUntil(work),
  };
  const path = readPath(c.req.path);
  let publisher = await lookup(clientId, deps);
  // A channel that is not there may be a new one.
  if (publisher.ok && !(publisher.value && findTopic(publisher.value, path)))
    publisher = await publishers.look(clientId, deps);
  if (!publisher.ok) return refuse("log_unavailable", "The credentials cannot be looked up now. Try again.");
  if (!publisher.value) return refuse("token_invalid", "These credentials were withdrawn.");
  const found = findTopic(publisher.value, path);
  if (!found) return refuse("channel_unknown", "The API has no such channel.");
  const { allowedChannels } = publisher.value;
  if (allowedChannels && !allowedChannels.includes(found.topic.address)) {
    return refuse("channel_forbidden", "These credentials are limited to other channels.");
  }
  return ok({ publisher: publisher.value, ...found });
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

/** The channel in the path; null: none is named. Undecodable ones name nothing that exists. */
function readPath(path: string): string | null {
  const rest = normalizeAddress(path.slice(PREFIX.length));
  if (rest === "") return null;
  try {
    return rest.split("/").map(decodeURIComponent).join("/");
  } catch {
    return "";
  }
}

/** An API with one channel needs no name for it. */
function findTopic(publisher: Publisher, path: string | null): { topic: Topic; channel: string } | null {
  if (path === null) {
    const [only, ...others] = publisher.topics;
    return only && others.length === 0 && !isTemplate(only.address) ? { topic: only, channel: only.address } : null;
  }
  if (path.length > CHANNEL_CHARS_MAX || /\p{Cc}/u.test(path)) return null;
  const topic = findChannel(publisher.topics, path);
  return topic ? { topic, channel: path } : null;
}

function readOutcome(outcome: AppendOutcome | undefined): Result<string, Problem> {
  switch (outcome?.kind) {
    case "accepted":
      return ok(outcome.eventId);
    case "idempotency_conflict":
      return refuse("idempotency_key_reused", "This Idempotency-Key came with another body before.");
    case "subscription_not_found":
      return refuse("subscription_unknown", "Subscription-Id is no active subscription of this channel.");
    case "data_owner_required":
      return refuse("data_owner_missing", "This API needs a Data-Owner-Id with each event.");
    case "topic_changed":
    case "failed":
    case undefined:
      return refuse("log_unavailable", "The event was not stored. Try again.");
  }
}

const refuse = (reason: Problem["reason"], detail: string): Result<never, Problem> => err({ reason, detail });
