import type { EventHeader, StoredEvent } from "../../domain/event.ts";
import type { RecentEvent } from "./recent-events.ts";

/** What the engine has to see of an event to place it: all but its payload. */
export type EventRow = {
  seq: number;
  key: string | null;
  dataOwnerId: string | null;
  subscriptionId: string | null;
  bytes: number;
};

/** The same, and the concrete path that it was published to. */
export type ChannelRow = EventRow & { channel: string };

export type PlacementRow = {
  seq: number;
  partition_key: string | null;
  data_owner_id: string | null;
  subscription_id: string | null;
  bytes: number;
};
export const PLACEMENT = "seq, partition_key, data_owner_id, subscription_id, length(body) AS bytes";

export type HeaderRow = {
  seq: number;
  id: string;
  channel: string;
  partition_key: string | null;
  data_owner_id: string | null;
  request_id: string;
  origin_request_id: string | null;
  traceparent: string | null;
  content_type: string;
  accepted_ms: number;
};
export const HEADER = `seq, id, channel, partition_key, data_owner_id, request_id, origin_request_id, traceparent, content_type,
  accepted_ms`;

export type FullRow = HeaderRow & {
  body: ArrayBuffer;
  cloud_event: string | null;
  hops: number;
  tracestate: string | null;
};
export const FULL = `${HEADER}, body, cloud_event, hops, tracestate`;

export const toHeader = (row: HeaderRow): EventHeader => ({
  seq: row.seq,
  id: row.id,
  channel: row.channel,
  partitionKey: row.partition_key,
  dataOwnerId: row.data_owner_id,
  requestId: row.request_id,
  originRequestId: row.origin_request_id,
  traceparent: row.traceparent,
  contentType: row.content_type,
  acceptedMs: row.accepted_ms,
});

export function toEventRow(row: PlacementRow): EventRow {
  return {
    seq: row.seq,
    key: row.partition_key,
    dataOwnerId: row.data_owner_id,
    subscriptionId: row.subscription_id,
    bytes: row.bytes,
  };
}

export const placementOf = (event: RecentEvent): EventRow => ({
  seq: event.seq,
  key: event.partitionKey,
  dataOwnerId: event.dataOwnerId,
  subscriptionId: event.subscriptionId,
  bytes: event.body.byteLength,
});

export const toStored = (row: FullRow): StoredEvent => ({
  ...toHeader(row),
  body: new Uint8Array(row.body),
  cloudEvent: row.cloud_event,
  hops: row.hops,
  tracestate: row.tracestate,
});
