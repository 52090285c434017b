import type { Context } from "hono";
import { findChannel } from "../../domain/channel-address.ts";
import { newId } from "../../kernel/ids.ts";
import { logLine } from "../../kernel/log.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { loadPublisher } from "../../registry/publishers.ts";
import { type AmqpError, amqpError } from "../../stream/amqp/errors.ts";
import type { ChannelAddress, Publish, PublishedMessage, PublishRefusal } from "../../stream/amqp/ports.ts";
import type { AppEnv } from "../app-env.ts";
import { type Problem, retryAfterSecondsOf } from "../problem.ts";
import { publishLive } from "../publish/publish-live.ts";
import { askRegistry } from "./ask-registry.ts";

type Sender = { clientId: string; count(calls: number): void };

/** Opens where a publisher's client wants to send to. What it sends is looked at by the door of all publishes. */
export async function openPublishTarget(
  c: Context<AppEnv>,
  { clientId, count }: Sender,
  { apiId, channel }: ChannelAddress,
): Promise<Result<Publish, AmqpError>> {
  count(1);
  const known = await askRegistry(() => loadPublisher(c.env.REGISTRY, clientId));
  if (!known.ok) return UNKNOWN;
  const publisher = known.value?.apiId === apiId ? known.value : null;
  const topic = publisher && findChannel(publisher.topics, channel);
  if (!publisher || !topic) return NO_CHANNEL;
  const { allowedChannels } = publisher;
  if (allowedChannels && !allowedChannels.includes(topic.address)) return NOT_ALLOWED;
  return ok(async (message) => {
    count(1);
    const published = await publish(c, clientId, { ...message, apiId, channel });
    return published.ok ? ok(null) : err(toRefusal(published.error));
  });
}

/** A bug is told as over HTTP, and ends nothing else of the connection. */
async function publish(
  c: Context<AppEnv>,
  clientId: string,
  message: PublishedMessage & ChannelAddress,
): Promise<Result<unknown, Problem>> {
  const requestId = newId();
  try {
    return await publishLive(c, clientId, { ...message, requestId });
  } catch (error) {
    logLine("error", { requestId, path: c.req.path, error: (error as Error).stack ?? String(error) });
    return err({ reason: "internal", detail: `Something went wrong here, in the request ${requestId}.` });
  }
}

/** The same words as over HTTP: what would come with a `Retry-After` may be sent again. */
function toRefusal(problem: Problem): PublishRefusal {
  const retryAfterSeconds = retryAfterSecondsOf(problem);
  const faults = (problem.errors ?? []).map(({ path, message }) => `${path || "the body"}: ${message}`);
  return {
    error: amqpError(`event-relay:${problem.reason.replaceAll("_", "-")}`, [problem.detail, ...faults].join(" ")),
    retryAfterMs: retryAfterSeconds === null ? null : retryAfterSeconds * 1000,
  };
}

const UNKNOWN = err(amqpError("amqp:internal-error", "The credentials cannot be looked up now. Attach again."));
const NO_CHANNEL = err(amqpError("amqp:not-found", "The API of these credentials has no such channel."));
const NOT_ALLOWED = err(amqpError("amqp:unauthorized-access", "These credentials are limited to other channels."));
