import type { Context } from "hono";
import { findChannel, isTemplate, normalizeAddress, readParameters } from "../../domain/channel-address.ts";
import { CHANNEL_CHARS_MAX } from "../../kernel/limits.ts";
import { ok, type Result } from "../../kernel/result.ts";
import { loadPublisher, type Publisher } from "../../registry/publishers.ts";
import { loadTopicSchemas } from "../../registry/topics.ts";
import type { AppEnv } from "../app-env.ts";
import { type Problem, refuse } from "../problem.ts";
import type { ChannelSchemas } from "./channel-schemas.ts";
import { type Found, type LookupDeps, PublisherCache } from "./publisher-cache.ts";
import { SchemaCache } from "./schema-cache.ts";

export const PREFIX = "/v2/events";

// One isolate, one memory.
const publishers = new PublisherCache();
const schemaCache = new SchemaCache();

type Topic = Publisher["topics"][number];

/** Whose event goes where, as the publisher says it. */
export type Address = {
  clientId: string;
  /** null: the API of its credentials, which is the only one it may publish to. */
  apiId: string | null;
  /** A concrete path; null: the API's only channel. */
  channel: string | null;
};

/** Where an event goes, and what it is checked against; `schemas` is null where nothing is checked. */
export type Destination = { publisher: Publisher; topic: Topic; channel: string; schemas: ChannelSchemas | null };

/**
 * Which topic the address names, for a publisher that may publish there. Warm, it reads no database; cold, it takes one query,
 * and a second one where the channel's schemas are needed.
 */
export async function findDestination(c: Context<AppEnv>, address: Address): Promise<Result<Destination, Problem>> {
  const { clientId } = address;
  const deps = lookupDeps(c, clientId);
  const known = await publishers.get(clientId, deps);
  const destination = await locate(c, known, address);
  // What is not there may be new.
  const isMissing = !destination.ok && MAY_BE_NEW.has(destination.error.reason);
  if (!isMissing || !known.ok || known.value.isNew) return destination;
  return locate(c, await publishers.look(clientId, deps), address);
}

const MAY_BE_NEW = new Set<Problem["reason"]>(["token_invalid", "channel_unknown"]);

/** As `findDestination`, by what the registry says now. */
export async function rereadDestination(c: Context<AppEnv>, address: Address): Promise<Result<Destination, Problem>> {
  const { clientId } = address;
  return locate(c, await publishers.reload(clientId, lookupDeps(c, clientId)), address);
}

const lookupDeps = (c: Context<AppEnv>, clientId: string): LookupDeps => ({
  clock: c.var.clock,
  load: () => loadPublisher(c.env.REGISTRY, clientId),
  background: (work) => c.executionCtx.waitUntil(work),
});

async function locate(c: Context<AppEnv>, found: Found, address: Address): Promise<Result<Destination, Problem>> {
  if (!found.ok) return refuse("log_unavailable", "The credentials cannot be looked up now. Try again.");
  const { publisher } = found.value;
  if (!publisher) return refuse("token_invalid", "These credentials were withdrawn.");
  const place = findTopic(publisher, address);
  if (!place) return refuse("channel_unknown", "The API has no such channel.");
  const { topic, channel } = place;
  if (publisher.allowedChannels && !publisher.allowedChannels.includes(topic.address)) {
    return refuse("channel_forbidden", "These credentials are limited to other channels.");
  }
  const schemas = await findSchemas(c, publisher, topic);
  if (!schemas.ok) return schemas;
  const wrong = schemas.value?.findWrongParameter(readParameters(topic.address, channel) ?? new Map());
  if (wrong)
    return refuse("channel_unknown", `The API has no such channel: its parameter "${wrong}" has other values.`);
  return ok({ publisher, topic, channel, schemas: schemas.value });
}

/** null: neither the event nor the path is checked. */
async function findSchemas(
  c: Context<AppEnv>,
  { validation, topicConfig }: Publisher,
  topic: Topic,
): Promise<Result<ChannelSchemas | null, Problem>> {
  const withMessages = validation !== "off";
  if (!withMessages && !topic.hasParameterSchemas) return ok(null);
  const load = () => loadTopicSchemas(c.env.REGISTRY, topic.id, { withMessages });
  const found = await schemaCache.get(topic.id, { revision: topicConfig.version, withMessages }, load);
  if (!found.ok) return refuse("log_unavailable", "The channel's schemas cannot be looked up now. Try again.");
  return found.value ? found : refuse("channel_unknown", "The API has no such channel any more.");
}

/** The channel in a publish's path; null: none is named. Undecodable ones name nothing that exists. */
export function channelOf(path: string): string | null {
  const rest = normalizeAddress(path.slice(PREFIX.length));
  if (rest === "") return null;
  try {
    return rest.split("/").map(decodeURIComponent).join("/");
  } catch {
    return "";
  }
}

/** An API with one channel needs no name for it. */
function findTopic(publisher: Publisher, { apiId, channel: path }: Address): { topic: Topic; channel: string } | null {
  if (apiId !== null && apiId !== publisher.apiId) return null;
  if (path === null) {
    const [only, ...others] = publisher.topics;
    return only && others.length === 0 && !isTemplate(only.address) ? { topic: only, channel: only.address } : null;
  }
  if (path.length > CHANNEL_CHARS_MAX || /[\p{Cc}\p{Cs}]/u.test(path)) return null;
  const topic = findChannel(publisher.topics, path);
  return topic ? { topic, channel: path } : null;
}
