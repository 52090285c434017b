import { z } from "zod";
import { type ControlOutcome, DeliveryStatus } from "../../domain/delivery-log.ts";
import { CHANNEL_CHARS_MAX, PARTITION_KEY_BYTES_MAX } from "../../kernel/limits.ts";
import { ok, type Result } from "../../kernel/result.ts";
import { isApproved, type Subscription } from "../../registry/subscriptions.ts";
import { listSubscriptionLogs } from "../../registry/topic-logs.ts";
import type { Answered, LogControls } from "../../topic/client.ts";
import { forEachBounded } from "../bounded.ts";
import { conflict, read, write } from "../call/call.ts";
import type { Change } from "../call/change.ts";
import { aDelivery, aSubscription } from "../call/named-things.ts";
import { PageOf } from "../call/paging.ts";
import type { Action } from "../call/permissions.ts";
import { noFields, optionalBody } from "../call/request-body.ts";
import { Line, Time } from "../fields.ts";
import { LOG_SILENT, notFound, type Problem } from "../problem.ts";
import { DeliveryView, showDelivery, wasSent } from "./delivery-view.ts";
import { LogPageQuery, readNewestFirst } from "./log-pages.ts";

const listDeliveries = read({
  path: "/v1/subscriptions/{id}/deliveries",
  tag: "Deliveries",
  summary: "List a subscription's deliveries with their attempts, newest event first",
  action: "delivery.list",
  names: aSubscription,
  query: LogPageQuery.extend({
    status: DeliveryStatus.optional(),
    partitionKey: Line(PARTITION_KEY_BYTES_MAX).optional(),
    from: Time.optional(),
    to: Time.optional(),
  }),
  answers: PageOf(DeliveryView),
  handle: async ({ db, logs, named: subscription, query }) => {
    const { id } = subscription;
    const { status = null, partitionKey = null, from = null, to = null } = query;
    const asked = { subscriptionId: id, status, partitionKey, fromMs: from };
    const names = await listSubscriptionLogs(db, id);
    const page = await readNewestFirst(names, { ...query, toMs: to }, async (log, range) => {
      const answer = await logs.listDeliveries(log, { ...asked, ...range });
      if (!answer.ok || !answer.value) return answer.ok ? ok(null) : answer;
      return ok({ rows: answer.value.deliveries, more: answer.value.more });
    });
    if (!page.ok) return page;
    const show = (row: (typeof page.value.rows)[number]) =>
      showDelivery({ ...row, subscriptionId: id }, { forSubscriber: true });
    const shown = page.value.rows.filter((row) => isApproved(subscription) || wasSent(row));
    return ok({ data: shown.map(show), nextCursor: page.value.nextCursor });
  },
});

const readDelivery = read({
  path: "/v1/deliveries/{deliveryId}",
  tag: "Deliveries",
  summary: "Read one delivery with its attempts",
  action: "delivery.read",
  names: aDelivery,
  answers: DeliveryView,
  handle: async ({ logs, named: { subscription, eventId, log } }) => {
    const asked = { subscriptionIds: [subscription.id], after: null, limit: 1 };
    const answer = await logs.listDeliveriesOf(log, eventId, asked);
    if (!answer.ok) return LOG_SILENT;
    const delivery = answer.value?.deliveries[0];
    if (!delivery || !(isApproved(subscription) || wasSent(delivery))) return notFound("delivery");
    return ok(showDelivery(delivery, { forSubscriber: true }));
  },
});

const ControlView = z.object({ id: z.string(), eventId: z.string(), subscriptionId: z.string() });

type Delivery = { subscription: Subscription; eventId: string; log: string };

/** Asks the log for a control of one delivery, and says what became of it. */
async function control(
  { subscription, eventId, log }: Delivery,
  action: Action,
  ask: (log: string, subscriptionId: string, eventId: string) => Answered<ControlOutcome>,
  refusal: string,
): Promise<Result<Change<z.infer<typeof ControlView>>, Problem>> {
  // Whether there is such an event that its filter lets through is not told either.
  if (!isApproved(subscription))
    return conflict(`A subscription that is ${subscription.status} has nothing to deliver.`);
  const outcome = await ask(log, subscription.id, eventId);
  if (!outcome.ok) return LOG_SILENT;
  const id = `${subscription.id}.${eventId}`;
  switch (outcome.value) {
    case "not_found":
      return notFound("delivery");
    case "conflict":
      return conflict(refusal);
    case "attempting":
      return conflict("This delivery is being attempted just now. See what becomes of it first.");
    case "done":
      return ok({
        body: { id, eventId, subscriptionId: subscription.id },
        writes: [],
        audit: { action, subject: id, organizations: [subscription.organizationId] },
      });
  }
}

const shared = { method: "post", tag: "Deliveries", status: 200 } as const;

const retryDelivery = write({
  ...shared,
  path: "/v1/deliveries/{deliveryId}/retry",
  summary: "Attempt a failing delivery now, or bring back a dead or skipped one",
  action: "delivery.retry",
  names: aDelivery,
  body: noFields,
  answers: ControlView,
  handle: ({ logs, named }) =>
    control(
      named,
      "delivery.retry",
      (...delivery) => logs.retryDelivery(...delivery),
      "Only a failing, dead or skipped delivery can be retried. To have delivered ones again, seek.",
    ),
});

const skipDelivery = write({
  ...shared,
  path: "/v1/deliveries/{deliveryId}/skip",
  summary: "Give a delivery up, so that its key goes on",
  action: "delivery.skip",
  names: aDelivery,
  body: noFields,
  answers: ControlView,
  handle: ({ logs, named }) =>
    control(
      named,
      "delivery.skip",
      (...delivery) => logs.skipDelivery(...delivery),
      "Only a delivery that waits, fails or is blocked can be skipped.",
    ),
});

const DeadQuery = z.strictObject({
  from: Time.optional(),
  to: Time.optional(),
  channel: Line(CHANNEL_CHARS_MAX).optional(),
});

const retryDead = write({
  ...shared,
  path: "/v1/subscriptions/{id}/retry-dead",
  summary: "Bring dead deliveries back, the oldest first; call it again while some remain",
  action: "delivery.retry-dead",
  names: aSubscription,
  body: optionalBody(DeadQuery),
  answers: z.object({ retried: z.number(), remaining: z.number() }),
  handle: async ({ db, logs, named: subscription, body: { from = null, to = null, channel = null } }) => {
    const filter = { fromMs: from, toMs: to, channel };
    const sum = await sumOverLogs(await listSubscriptionLogs(db, subscription.id), (log) =>
      logs.retryDead(log, subscription.id, filter),
    );
    if (!sum) return LOG_SILENT;
    const audit = {
      action: "delivery.retry-dead" as const,
      subject: subscription.id,
      organizations: [subscription.organizationId],
    };
    return ok({ body: sum, writes: [], audit: sum.retried > 0 ? audit : null });
  },
});

/** null: a log did not answer. What others have brought back by then stays so: the next call goes on. */
async function sumOverLogs(
  names: string[],
  ask: (log: string) => ReturnType<LogControls["retryDead"]>,
): Promise<{ retried: number; remaining: number } | null> {
  const sum = { retried: 0, remaining: 0 };
  let isSilent = false;
  await forEachBounded(names, async (name) => {
    const answer = await ask(name);
    if (!answer.ok) isSilent = true;
    else {
      sum.retried += answer.value?.retried ?? 0;
      sum.remaining += answer.value?.remaining ?? 0;
    }
  });
  return isSilent ? null : sum;
}

export const deliveryRoutes = [listDeliveries, readDelivery, retryDelivery, skipDelivery, retryDead];
