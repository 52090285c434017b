import { z } from "zod";
import type { StoredEvent } from "../../domain/event.ts";
import { RELAY_API_ID } from "../../domain/notice.ts";
import { ok } from "../../kernel/result.ts";
import { findTitles } from "../../registry/apis.ts";
import { listApiLogs } from "../../registry/topic-logs.ts";
import { read } from "../call/call.ts";
import { organizationShown } from "../call/organization-filter.ts";
import { PageOf } from "../call/paging.ts";
import { LogPageQuery, readNewestFirst } from "../deliveries/log-pages.ts";
import { Id, Time } from "../fields.ts";

const NoticeView = z.object({
  id: z.string(),
  /** Since when it is so: it may have been published a little later. */
  at: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  /** Of the API that `data` names, as it is called now; null: it names none, or that is gone. */
  apiTitle: z.string().nullable(),
  /** Whom it is for. */
  organizationId: z.string().nullable(),
});

/** As a version of the relay wrote it that knew more types, perhaps, or fewer. */
const Body = z.object({ type: z.string(), timestamp: z.string(), data: z.record(z.string(), z.unknown()) });

const decoder = new TextDecoder();

function readNotice({ id, body, dataOwnerId }: StoredEvent): Omit<z.infer<typeof NoticeView>, "apiTitle"> {
  const { type, timestamp, data } = Body.parse(JSON.parse(decoder.decode(body)));
  return { id, at: timestamp, type, data, organizationId: dataOwnerId };
}

async function showNotices(db: D1Database, events: StoredEvent[]): Promise<z.infer<typeof NoticeView>[]> {
  const notices = events.map(readNotice);
  const apiIds = notices.map(({ data }) => String(data.apiId ?? ""));
  const titles = await findTitles(db, [...new Set(apiIds)]);
  return notices.map((notice, n) => ({ ...notice, apiTitle: titles.get(apiIds[n] ?? "") ?? null }));
}

const anyOf = { channel: null, partitionKey: null, requestId: null };

export const listNotices = read({
  path: "/v1/notices",
  tag: "Notices",
  summary: "List what the relay told the organization of itself, newest first; the operator sees what it told anybody",
  action: "notice.list",
  query: LogPageQuery.extend({ from: Time.optional(), to: Time.optional(), organizationId: Id.optional() }),
  answers: PageOf(NoticeView),
  handle: async ({ db, logs, caller, query }) => {
    const { from = null, to = null } = query;
    // Each notice's data owner is the organization that it is addressed to.
    const dataOwnerId = organizationShown(caller, query.organizationId);
    if (!dataOwnerId.ok) return dataOwnerId;
    const asked = { ...anyOf, dataOwnerId: dataOwnerId.value, fromMs: from };
    const names = await listApiLogs(db, RELAY_API_ID);
    const page = await readNewestFirst(names, { ...query, toMs: to }, async (log, range) => {
      const answer = await logs.listStoredEvents(log, { ...asked, ...range });
      return answer.ok ? ok({ rows: answer.value.events, more: answer.value.more }) : answer;
    });
    if (!page.ok) return page;
    return ok({ data: await showNotices(db, page.value.rows), nextCursor: page.value.nextCursor });
  },
});
