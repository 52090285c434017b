import type { Context } from "hono";
import { findChannel } from "../../domain/channel-address.ts";
import { newId } from "../../kernel/ids.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { loadPublisher } from "../../registry/publishers.ts";
import { type AmqpError, amqpError } from "../../stream/amqp/errors.ts";
import type { ChannelAddress, Publish, PublishRefusal } from "../../stream/amqp/ports.ts";
import type { AppEnv } from "../app-env.ts";
import { type Problem, retryAfterSecondsOf } from "../problem.ts";
import { publishLive } from "../publish/publish-live.ts";

/** Opens where a publisher's client wants to send to. What it sends is looked at by the door of all publishes. */
export async function openPublishTarget(
  c: Context<AppEnv>,
  { clientId, count }: { clientId: string; count(calls: number): void },
  { apiId, channel }: ChannelAddress,
): Promise<Result<Publish, AmqpError>> {
  count(1);
  const publisher = await loadPublisher(c.env.REGISTRY, clientId);
  const topic = publisher?.apiId === apiId ? findChannel(publisher.topics, channel) : undefined;
  if (!publisher || !topic) return NO_CHANNEL;
  const { allowedChannels } = publisher;
  if (allowedChannels && !allowedChannels.includes(topic.address)) return NOT_ALLOWED;
  return ok(async (message) => {
    count(1);
    const published = await publishLive(c, clientId, { ...message, apiId, channel, requestId: newId() });
    return published.ok ? ok(null) : err(toRefusal(published.error));
  });
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

const NO_CHANNEL = err(amqpError("amqp:not-found", "The API of these credentials has no such channel."));
const NOT_ALLOWED = err(amqpError("amqp:unauthorized-access", "These credentials are limited to other channels."));
