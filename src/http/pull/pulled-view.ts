import { z } from "zod";
import type { StoredEvent } from "../../domain/event.ts";
import { toTime } from "../fields.ts";
import type { Gathered } from "./gather-events.ts";

const PulledEvent = z.object({
  id: z.string(),
  channel: z.string(),
  partitionKey: z.string().nullable(),
  dataOwnerId: z.string().nullable(),
  requestId: z.string(),
  originRequestId: z.string().nullable(),
  traceparent: z.string().nullable(),
  contentType: z.string(),
  acceptedAt: z.string(),
  attempt: z.number().meta({ description: "Which try of this event it is, its failures counted." }),
  leaseExpiresAt: z.string().meta({ description: "From then on it may be somebody else's." }),
  data: z.unknown().meta({ description: "The JSON value as it was published, byte for byte." }),
});

export const PulledEvents = z.object({
  events: z.array(PulledEvent).meta({ description: "Those of a partition key in the order they were accepted." }),
  retryAfterMs: z
    .number()
    .nullable()
    .meta({ description: "When there may be more to fetch; null: not before another event comes." }),
});

type Head = Omit<z.infer<typeof PulledEvent>, "data">;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The answer as JSON. Payloads are put in as they are: parsed and written again, large numbers would come out as others. */
export function writePulled({ leases, retryMs }: Pick<Gathered, "leases" | "retryMs">): string {
  const events = leases.flatMap(({ lease, atMs }) => {
    const expiresMs = atMs + lease.remainingMs;
    return lease.items.flatMap((item) =>
      item.events.map((event, i) => writeEvent(event, { attempt: i === 0 ? item.attempt : 1, expiresMs })),
    );
  });
  return `{"events":[${events.join(",")}],"retryAfterMs":${JSON.stringify(retryMs)}}`;
}

function writeEvent(event: StoredEvent, { attempt, expiresMs }: { attempt: number; expiresMs: number }): string {
  const head: Head = {
    id: event.id,
    channel: event.channel,
    partitionKey: event.partitionKey,
    dataOwnerId: event.dataOwnerId,
    requestId: event.requestId,
    originRequestId: event.originRequestId,
    traceparent: event.traceparent,
    contentType: event.contentType,
    acceptedAt: toTime(event.acceptedMs),
    attempt,
    leaseExpiresAt: toTime(expiresMs),
  };
  return `${JSON.stringify(head).slice(0, -1)},"data":${utf8.decode(event.body)}}`;
}
