import { z } from "zod";
import { type SentEvent, SentStatus } from "../../domain/sent-events.ts";
import { ok } from "../../kernel/result.ts";
import { listApiLogs } from "../../registry/topic-logs.ts";
import { read } from "../call/call.ts";
import { aConsent } from "../call/named-things.ts";
import { PageOf } from "../call/paging.ts";
import { LogPageQuery, readNewestFirst } from "../deliveries/log-pages.ts";
import { Time, toTime, toTimeOrNull } from "../fields.ts";

const SentEventView = z.object({
  eventId: z.string(),
  channel: z.string(),
  acceptedAt: z.string(),
  /** `failing`: it is tried again; `stopped`: it was not taken, and is not tried any more. */
  status: SentStatus,
  /** The first time; null: it was not, or nobody knows any more when. */
  deliveredAt: z.string().nullable(),
});

const showSent = ({ eventId, channel, acceptedMs, status, deliveredMs }: SentEvent): z.infer<typeof SentEventView> => ({
  ...{ eventId, channel, acceptedAt: toTime(acceptedMs), status, deliveredAt: toTimeOrNull(deliveredMs) },
});

export const listConsentDeliveries = read({
  path: "/v1/consents/{id}/deliveries",
  tag: "Consents",
  summary:
    "List what of the data owner's events was sent to the subscription, newest first: pushed, or fetched and acknowledged; not what live streams carried",
  action: "consent.deliveries",
  names: aConsent,
  query: LogPageQuery.extend({ from: Time.optional(), to: Time.optional() }),
  answers: PageOf(SentEventView),
  handle: async ({ db, logs, named: { apiId, subscriptionId, dataOwnerId }, query }) => {
    const { from = null, to = null } = query;
    const asked = { subscriptionId, dataOwnerId, fromMs: from };
    // All of the API: of a channel that was unsubscribed, or an API that is not shared any more, it was sent as well.
    const page = await readNewestFirst(await listApiLogs(db, apiId), { ...query, toMs: to }, async (log, range) => {
      const answer = await logs.listSent(log, { ...asked, ...range });
      if (!answer.ok || !answer.value) return answer.ok ? ok(null) : answer;
      return ok({ rows: answer.value.sent, more: answer.value.more });
    });
    return page.ok ? ok({ data: page.value.rows.map(showSent), nextCursor: page.value.nextCursor }) : page;
  },
});
