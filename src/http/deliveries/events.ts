import { z } from "zod";
import type { EventHeader } from "../../domain/event.ts";
import { parseJsonBytes } from "../../domain/json-text.ts";
import { CHANNEL_CHARS_MAX, PARTITION_KEY_BYTES_MAX } from "../../kernel/limits.ts";
import { ok } from "../../kernel/result.ts";
import { isApproved, listSubscriptionsOf } from "../../registry/subscriptions.ts";
import { listApiLogs } from "../../registry/topic-logs.ts";
import { read } from "../call/call.ts";
import { anApi, anEvent } from "../call/named-things.ts";
import { PageOf } from "../call/paging.ts";
import { Id, Line, Time, toTime } from "../fields.ts";
import { LOG_SILENT, notFound } from "../problem.ts";
import { DeliveryView, showDelivery, wasSent } from "./delivery-view.ts";
import { LogPageQuery, readNewestFirst } from "./log-pages.ts";

const REQUEST_ID_CHARS_MAX = 256;

const EventView = z.object({
  id: z.string(),
  channel: z.string(),
  partitionKey: z.string().nullable(),
  dataOwnerId: z.string().nullable(),
  requestId: z.string(),
  originRequestId: z.string().nullable(),
  contentType: z.string(),
  acceptedAt: z.string(),
});

const showEvent = (event: EventHeader): z.infer<typeof EventView> => ({
  id: event.id,
  channel: event.channel,
  partitionKey: event.partitionKey,
  dataOwnerId: event.dataOwnerId,
  requestId: event.requestId,
  originRequestId: event.originRequestId,
  contentType: event.contentType,
  acceptedAt: toTime(event.acceptedMs),
});

const listEvents = read({
  path: "/v1/apis/{id}/events",
  tag: "Events",
  summary: "List an API's events, newest first; from a time (included) to a time (not included)",
  action: "event.list",
  names: anApi,
  query: LogPageQuery.extend({
    channel: Line(CHANNEL_CHARS_MAX).optional(),
    partitionKey: Line(PARTITION_KEY_BYTES_MAX).optional(),
    dataOwnerId: Id.optional(),
    requestId: Line(REQUEST_ID_CHARS_MAX).optional(),
    from: Time.optional(),
    to: Time.optional(),
  }),
  answers: PageOf(EventView),
  handle: async ({ db, logs, named: api, query }) => {
    const { channel = null, partitionKey = null, dataOwnerId = null, requestId = null, from = null, to = null } = query;
    const asked = { channel, partitionKey, dataOwnerId, requestId, fromMs: from };
    const names = await listApiLogs(db, api.id);
    const page = await readNewestFirst(names, { ...query, toMs: to }, async (log, range) => {
      const answer = await logs.listEvents(log, { ...asked, ...range });
      return answer.ok ? ok({ rows: answer.value.events, more: answer.value.more }) : answer;
    });
    return page.ok ? ok({ data: page.value.rows.map(showEvent), nextCursor: page.value.nextCursor }) : page;
  },
});

const readEvent = read({
  path: "/v1/events/{id}",
  tag: "Events",
  summary: "Read an event with its payload, for its publisher",
  action: "event.read",
  names: anEvent,
  answers: EventView.extend({ apiId: z.string(), data: z.unknown() }),
  handle: async ({ logs, named: { log, apiId }, params }) => {
    const answer = await logs.readEvent(log, params.id);
    if (!answer.ok) return LOG_SILENT;
    if (!answer.value) return notFound("event");
    const json = parseJsonBytes(answer.value.body);
    return ok({ ...showEvent(answer.value), apiId, data: json.ok ? json.value : null });
  },
});

const listEventDeliveries = read({
  path: "/v1/events/{id}/deliveries",
  tag: "Events",
  summary: "What became of an event: at all subscriptions for its publisher, at their own for subscribers",
  action: "event.deliveries",
  names: anEvent,
  query: z.object({ limit: LogPageQuery.shape.limit, cursor: Id.optional() }),
  answers: PageOf(DeliveryView),
  handle: async ({ db, logs, caller, named: { log, apiId, organizationId }, params, query }) => {
    const isPublisher = caller.organizationId === organizationId;
    const own = await listSubscriptionsOf(db, apiId, caller.organizationId);
    const ownIds = new Set(own.map(({ id }) => id));
    const unapproved = new Set(own.filter((one) => !isApproved(one)).map(({ id }) => id));
    const answer = await logs.listDeliveriesOf(log, params.id, {
      subscriptionIds: isPublisher ? null : [...ownIds],
      after: query.cursor ?? null,
      limit: query.limit,
    });
    if (!answer.ok) return LOG_SILENT;
    if (!answer.value) return notFound("event");
    const { deliveries, after } = answer.value;
    const shown = deliveries.filter((one) => isPublisher || !unapproved.has(one.subscriptionId) || wasSent(one));
    // To whom nothing of it was ever to go, it is not there.
    if (!isPublisher && shown.length === 0 && query.cursor === undefined && after === null) return notFound("event");
    const show = (one: (typeof deliveries)[number]) =>
      showDelivery(one, { forSubscriber: ownIds.has(one.subscriptionId) });
    return ok({ data: shown.map(show), nextCursor: after });
  },
});

export const eventRoutes = [listEvents, readEvent, listEventDeliveries];
