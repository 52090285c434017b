import { z } from "zod";
import { MEDIA_TYPE } from "../../stream/ndjson/lines.ts";
import type { EventsRoute } from "../openapi.ts";
import { ExportQuery, SnapshotQuery } from "./replication.ts";

const EventLine = z.object({
  id: z.string(),
  channel: z.string(),
  partitionKey: z.string().nullable(),
  dataOwnerId: z.string().nullable(),
  acceptedAt: z.iso.datetime(),
  contentType: z.string(),
  data: z.unknown(),
});

const params = z.object({ apiId: z.uuid() });

export const describedReplication: EventsRoute[] = [
  {
    path: "/v1/apis/{apiId}/export",
    ...{ params, query: ExportQuery },
    summary: "Export what the logs of channels hold, as lines of JSON",
    description:
      "For apps that have subscribed, by an access token or a stream token. Ends where the logs did when it began, with a line `{cursor, more}`: `more` where the answer was long enough. An export without that line was cut: go on behind its last cursor.",
    answers: { [MEDIA_TYPE]: { schema: EventLine.extend({ cursor: z.string() }) } },
  },
  {
    path: "/v1/apis/{apiId}/snapshot",
    ...{ params, query: SnapshotQuery },
    summary: "Export the last event of each key, as lines of JSON",
    description:
      "For apps that have subscribed, by an access token or a stream token. The last line is `{cursor}`: a stream or an export behind it goes on without a gap or a repeat. A snapshot without that line was cut. Events without a partition key are not in it, and a key of two concrete channels is two keys.",
    answers: { [MEDIA_TYPE]: { schema: EventLine } },
  },
];
