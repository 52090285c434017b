import { z } from "zod";
import type { EventsRoute } from "../openapi.ts";
import { StreamQuery } from "./stream.ts";

const Frame = z.object({
  cursor: z.string(),
  id: z.string(),
  channel: z.string(),
  partitionKey: z.string().nullable(),
  data: z.unknown(),
});

export const describedStreams: EventsRoute[] = [
  {
    path: "/v1/stream/{apiId}/{channel}",
    params: z.object({
      apiId: z.uuid(),
      channel: z.string().meta({ description: "A concrete path or an address, slashes and all; it may be left out." }),
    }),
    query: StreamQuery,
    summary: "Listen to channels: server-sent events or, with an upgrade, a WebSocket",
    description:
      "For apps that have subscribed, by an access token, or a stream token where a browser can set no header. Resumes after `Last-Event-ID` or `after`; without either it begins at the latest event.",
    answers: {
      "text/event-stream": {
        schema: z.string().meta({ description: "`id`: the cursor, `event`: the channel, `data`: what was published" }),
      },
      "application/json": { schema: Frame.meta({ description: "Of a WebSocket: one text frame an event" }) },
    },
  },
];
