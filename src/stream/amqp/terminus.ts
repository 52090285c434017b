import rhea, { type Receiver, type Sender, type Source } from "rhea";
import { normalizeAddress } from "../../domain/channel-address.ts";
import { CHANNEL_CHARS_MAX } from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { type AmqpError, amqpError } from "./errors.ts";
import type { ChannelAddress, ReadFrom, SourceRequest } from "./ports.ts";

const SUBSCRIPTION_PROPERTY = "subscription-id";

/** Reads what a client wants to receive from: the source of its link. */
export function readSource({ source, properties }: Sender): Result<SourceRequest, AmqpError> {
  const address = readAddress(source);
  if (!address.ok) return address;
  const from = readFilter(source.filter);
  if (!from.ok) return from;
  const named: unknown = properties?.[SUBSCRIPTION_PROPERTY];
  const subscriptionId = typeof named === "string" ? named : null;
  return ok({ ...address.value, subscriptionId, from: from.value });
}

const SELECTOR = "apache.org:selector-filter:string";
const SELECTOR_CODE = 0x0000_468c_0000_0004;
const BEHIND = /^amqp\.annotation\.x-opt-offset > '([\w-]{1,10000})'$/;
const FROM_TIME = /^amqp\.annotation\.x-opt-enqueued-time >(=?) '(\d{1,15})'$/;

/** The two selectors that clients of event streams send, as Azure's Event Hubs reads them; any other is refused. */
function readFilter(filters: Record<string, unknown> | null | undefined): Result<ReadFrom | null, AmqpError> {
  const names = Object.keys(filters ?? {});
  if (names.length === 0) return ok(null);
  const selector = selectorOf(filters);
  // A filter that is not answered was not applied (AMQP 1.0 §3.5.3), which few clients look at.
  if (names.length > 1 || selector === null) return NO_SUCH_FILTER;
  const [, offset] = BEHIND.exec(selector) ?? [];
  if (offset !== undefined) return ok({ offset });
  const [, isIncluded, timeMs] = FROM_TIME.exec(selector) ?? [];
  return timeMs === undefined ? NO_SUCH_FILTER : ok({ acceptedMs: Number(timeMs) + (isIncluded ? 0 : 1) });
}

/** Described by its code or not at all. */
function selectorOf(filters: Record<string, unknown> | null | undefined): string | null {
  const given = filters && Object.hasOwn(filters, SELECTOR) ? filters[SELECTOR] : null;
  const text = typeof given === "object" && given !== null ? (given as { value?: unknown }).value : given;
  return typeof text === "string" ? text : null;
}

/** The source that is answered: what was asked for, with the filter that is applied. */
export function describeSource({ source }: Sender): Source {
  const selector = selectorOf(source.filter);
  const filter = selector !== null && { filter: { [SELECTOR]: rhea.types.wrap_described(selector, SELECTOR_CODE) } };
  return { address: source.address, ...filter };
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
const NO_SUCH_FILTER = err(
  amqpError(
    "amqp:not-implemented",
    "A source has no filter but a selector of x-opt-offset or x-opt-enqueued-time. A subscription has filters of its own.",
  ),
);
