import { openHubLink } from "../../hub/open-link.ts";
import type { StreamHub } from "../../hub/stream-hub.ts";
import type { PulledChannel } from "../../registry/pulled-channels.ts";

/** `hear`: something new may be there. `lose`: nobody tells any more. */
export type HintEvents = { hear(): void; lose(): void };

/** Has somebody tell when a channel gets events; null: nobody can now. */
export type OpenHints = (
  apiId: string,
  channel: PulledChannel,
  events: HintEvents,
) => Promise<{ close(): void } | null>;

/** A hub reads along, and says when there is something: it holds no event back, and sends none. */
export const hubHints =
  (hubs: DurableObjectNamespace<StreamHub>, clientId: string): OpenHints =>
  async (apiId, { appId, subscriptionId, topicId, topicNumber }, { hear, lose }) => {
    const topics = [{ apiId, subscriptionId, topicId, topicNumber, channels: null }];
    const start = { after: null, from: "latest" } as const;
    const link = await openHubLink(
      hubs,
      { appId, apiId },
      { clientId, consumer: null, hintsOnly: true, onGap: "skip", topics, start },
      { onEvent: () => {}, onHint: hear, onEnd: lose },
    );
    return link.ok ? link.value : null;
  };
