import type { HubLink } from "../../hub/link.ts";
import { openHubLink } from "../../hub/open-link.ts";
import type { StreamHub } from "../../hub/stream-hub.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { findAppClient } from "../../registry/clients.ts";
import { type AmqpError, amqpError } from "../../stream/amqp/errors.ts";
import { FeedSource } from "../../stream/amqp/feed-source.ts";
import type { EventSource, ReadFrom, SourceRequest } from "../../stream/amqp/ports.ts";
import type { Problem } from "../problem.ts";
import { describeHubRefusal } from "../streams/hub-problem.ts";
import { findListenedTopics } from "../streams/stream-topics.ts";
import { askRegistry } from "./ask-registry.ts";

type FeedDeps = { db: D1Database; hubs: DurableObjectNamespace<StreamHub>; clientId: string };
type FeedRequest = SourceRequest & { from: ReadFrom };

/** What to open a feed asks of registry and hub. */
export const FEED_CALLS = 3;

/** Opens a link's own reading of a channel: all of its events from a place on, by the same rules as `/v1/stream`. */
export async function openFeed(
  { db, hubs, clientId }: FeedDeps,
  { apiId, channel, subscriptionId, from }: FeedRequest,
): Promise<Result<EventSource, AmqpError>> {
  const client = await askRegistry(() => findAppClient(db, clientId));
  if (!client.ok || !client.value) return UNKNOWN;
  const { appId, channels } = client.value;
  const caller = { kind: "app", appId, clientId, channels } as const;
  const wish = { apiId, channels: [channel], subscriptionId };
  const topics = await askRegistry(() => findListenedTopics(db, caller, wish));
  if (!topics.ok) return UNKNOWN;
  if (!topics.value.ok) return err(toError(topics.value.error));
  const link: { opened: HubLink | null } = { opened: null };
  const source = new FeedSource(
    { ack: (cursor) => link.opened?.ack(cursor), close: () => link.opened?.close() },
    "acceptedMs" in from ? from.acceptedMs : 0,
  );
  const start = { after: "offset" in from ? from.offset : null, from: "earliest" } as const;
  const opened = await openHubLink(
    hubs,
    { appId, apiId },
    { clientId, consumer: null, hintsOnly: false, onGap: "refuse", topics: topics.value.value, start },
    {
      onEvent: (event) => source.take(event),
      onHint: () => {},
      onEnd: ({ reason }) => source.finish(reason),
    },
  );
  if (!opened.ok) return err(toError(describeHubRefusal(opened.error)));
  link.opened = opened.value;
  return ok(source);
}

const toError = ({ reason, detail }: Problem): AmqpError =>
  amqpError(`event-relay:${reason.replaceAll("_", "-")}`, detail);

const UNKNOWN = err(amqpError("amqp:internal-error", "The subscription cannot be looked up now. Attach again."));
