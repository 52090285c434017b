import type { Context } from "hono";
import { normalizeAddress } from "../../domain/channel-address.ts";
import { CHANNEL_CHARS_MAX, EVENT_BODY_BYTES_MAX } from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import { ok, type Result } from "../../kernel/result.ts";
import type { AppEnv } from "../app-env.ts";
import { bodyTooLarge } from "../body.ts";
import type { Problem } from "../problem.ts";
import { readRequestId } from "../request-id.ts";
import { acceptEvents } from "./accept-events.ts";
import { isPlainJson, NO_EVENT } from "./publish-form.ts";
import { type Message, plainMessage } from "./publish-messages.ts";
import { RULES, readField } from "./publish-rules.ts";
import type { Accepted } from "./submit.ts";

/** An event as a live connection publishes it. An empty text says nothing. */
export type LivePublish = {
  /** The API that the client has named, if it has: another one than that of its credentials is not there for it. */
  apiId?: string | null;
  /** A concrete path, decoded; null: the API's only channel. */
  channel: string | null;
  partitionKey: string | null;
  dataOwnerId: string | null;
  /** One JSON value in UTF-8: the bytes as they came, in a buffer of their own. */
  body: Uint8Array<ArrayBuffer>;
  /** `application/json`, with parameters or without. */
  contentType: string;
  idempotencyKey: string | null;
  /** Anything but a UUID is replaced by one. */
  requestId: string;
};

/** `validation`: what an API with `validation: "warn"` says of an event that it has taken all the same, as `Event-Validation` does. */
export type LiveAccepted = { eventId: string; validation: string | null };

/**
 * Publishes an event of a live connection: the same door as `POST /v2/events`, with its checks, its limits and its refusals.
 * Answers once the event is durable. Who publishes events in an order waits for each answer before the next call.
 */
export async function publishLive(
  c: Context<AppEnv>,
  clientId: string,
  message: LivePublish,
): Promise<Result<LiveAccepted, Problem>> {
  const startedMs = c.var.clock.now();
  const requestId = readRequestId(message.requestId);
  const accepted = await accept(c, clientId, { ...message, requestId });
  if (accepted.ok) {
    const { eventIds, finding } = accepted.value;
    return ok({ eventId: eventIds[0] as string, validation: finding?.header ?? null });
  }
  const { reason } = accepted.error;
  const channel = message.channel?.slice(0, CHANNEL_CHARS_MAX);
  const ms = c.var.clock.now() - startedMs;
  logLine("publish_refused", { requestId, path: c.req.path, channel, reason, form: "live", clientId, ms });
  return accepted;
}

async function accept(c: Context<AppEnv>, clientId: string, message: LivePublish): Promise<Result<Accepted, Problem>> {
  if (!isPlainJson(message.contentType)) return NO_EVENT;
  const channel = message.channel === null ? null : normalizeAddress(message.channel);
  const address = { clientId, apiId: message.apiId ?? null, channel };
  return acceptEvents(c, { address, form: "plain", read: () => readMessage(message) });
}

async function readMessage(message: LivePublish): Promise<Result<Message[], Problem>> {
  const { body, contentType, requestId } = message;
  const partitionKey = readField("partitionKey", message.partitionKey, RULES.partitionKey);
  if (!partitionKey.ok) return partitionKey;
  const dataOwnerId = readField("dataOwnerId", message.dataOwnerId, RULES.uuid);
  if (!dataOwnerId.ok) return dataOwnerId;
  const key = readField("idempotencyKey", message.idempotencyKey, RULES.idempotencyKey);
  if (!key.ok) return key;
  if (body.byteLength > EVENT_BODY_BYTES_MAX) return bodyTooLarge(EVENT_BODY_BYTES_MAX);
  const said = {
    partitionKey: partitionKey.value,
    dataOwnerId: dataOwnerId.value?.toLowerCase() ?? null,
    idempotencyKey: key.value,
  };
  return ok([await plainMessage({ ...NOT_SAID, ...said, requestId, contentType }, body)]);
}

/** What only the headers of a publish over HTTP say: relays, which would count hops, publish to each other over nothing else. */
const NOT_SAID = {
  subscriptionId: null,
  originRequestId: null,
  traceparent: null,
  tracestate: null,
  hops: 0,
} as const;
