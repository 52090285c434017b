import type { Receiver, Sender } from "rhea";
import { normalizeAddress } from "../../domain/channel-address.ts";
import { CHANNEL_CHARS_MAX } from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { type AmqpError, amqpError } from "./errors.ts";
import type { ChannelAddress, SourceRequest } from "./ports.ts";

const SUBSCRIPTION_PROPERTY = "subscription-id";

/** Reads what a client wants to receive from: the source of its link. */
export function readSource({ source, properties }: Sender): Result<SourceRequest, AmqpError> {
  const address = readAddress(source);
  if (!address.ok) return address;
  // What a source's filter does not answer was not applied (AMQP 1.0 §3.5.3), which few clients look at.
  if (Object.keys(source.filter ?? {}).length > 0) return NO_FILTERS;
  const subscriptionId: unknown = properties?.[SUBSCRIPTION_PROPERTY];
  return ok({ ...address.value, subscriptionId: typeof subscriptionId === "string" ? subscriptionId : null });
}

/** Reads where a client wants to publish to: the target of its link. */
export const readTarget = ({ target }: Receiver): Result<ChannelAddress, AmqpError> => readAddress(target);

/** `{apiId}/{channel}`, with a slash before it or none. */
function readAddress(
  terminus: { address?: unknown; dynamic?: unknown } | null | undefined,
): Result<ChannelAddress, AmqpError> {
  const address = terminus?.address;
  if (terminus?.dynamic || typeof address !== "string") return NO_ADDRESS;
  const [, apiId, channel] = /^([\w-]{1,100})\/(.+)$/s.exec(normalizeAddress(address)) ?? [];
  if (!apiId || !channel || channel.length > CHANNEL_CHARS_MAX) return NO_ADDRESS;
  return ok({ apiId, channel: normalizeAddress(channel) });
}

const NO_ADDRESS = err(amqpError("amqp:not-found", "An address is {apiId}/{channel}."));
const NO_FILTERS = err(
  amqpError("amqp:not-implemented", "Filters are a subscription's own: a link's source has none."),
);
