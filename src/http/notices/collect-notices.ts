import type { AddressedNotice, LogNotice, Notice } from "../../domain/notice.ts";
import { DAY_MS, STORAGE_BYTES_MAX } from "../../kernel/limits.ts";
import { findNoticeParties, type NoticeParties } from "../../registry/notices.ts";
import { findLogOwner, type LogOwner } from "../../registry/topic-logs.ts";
import type { TopicLogs } from "../../topic/client.ts";
import { toTime } from "../fields.ts";
import { publishNotices } from "./send-notices.ts";

export type CollectDeps = {
  db: D1Database;
  logs: TopicLogs;
  nowMs: number;
  /** After how many days of nothing but failures a subscription is disabled; null: never. */
  disableAfterDays: number | null;
  disable(subscriptionId: string): Promise<void>;
};

/** Publishes what a log has to tell, and then tells it so. Where anything of it fails, the log calls again, and gives the same. */
export async function collectNotices(deps: CollectDeps, log: string): Promise<void> {
  const taken = await deps.logs.takeNotices(log);
  const last = taken.ok && taken.value.at(-1);
  if (!taken.ok || !last) return;
  if (!(await publishNotices(deps, await addressAll(deps.db, log, taken.value)))) return;
  for (const notice of taken.value) if (isTooMuch(deps, notice)) await deps.disable(notice.subscriptionId);
  await deps.logs.dropNotices(log, last.n);
}

/** The promise is delivery without end, unless the operator says otherwise. */
const isTooMuch = (
  { disableAfterDays, nowMs }: CollectDeps,
  notice: LogNotice,
): notice is LogNotice & { type: "subscription.failing" } =>
  notice.type === "subscription.failing" &&
  disableAfterDays !== null &&
  nowMs - notice.failingSinceMs >= disableAfterDays * DAY_MS;

/** A log knows ids. What was deleted meanwhile concerns nobody. */
async function addressAll(db: D1Database, log: string, notices: LogNotice[]): Promise<AddressedNotice[]> {
  const ids = notices.flatMap((notice) => ("subscriptionId" in notice ? [notice.subscriptionId] : []));
  const [subscriptions, owner] = await Promise.all([findNoticeParties(db, [...new Set(ids)]), findLogOwner(db, log)]);
  return notices.flatMap((notice): AddressedNotice[] => {
    const key = `${log}/${notice.n}`;
    if (!("subscriptionId" in notice)) {
      if (!owner) return [];
      return [{ key, atMs: notice.atMs, organizationId: owner.organizationId, notice: tellChannel(notice, owner) }];
    }
    const parties = subscriptions.get(notice.subscriptionId);
    if (!parties) return [];
    const { organizationId } = parties;
    return [{ key, atMs: notice.atMs, organizationId, notice: tellSubscription(notice, parties) }];
  });
}

type OfSubscription = Extract<LogNotice, { subscriptionId: string }>;

function tellSubscription(notice: OfSubscription, { apiId, subscriptionId }: NoticeParties): Notice {
  const ids = { apiId, subscriptionId };
  switch (notice.type) {
    case "delivery.dead": {
      const { type, count, firstEventId, lastEventId } = notice;
      return { type, data: { ...ids, count, firstEventId, lastEventId } };
    }
    case "subscription.failing": {
      const { type, failingSinceMs, error, status } = notice;
      return { type, data: { ...ids, failingSince: toTime(failingSinceMs), error, status } };
    }
    case "subscription.recovered":
      return { type: notice.type, data: { ...ids, failingSince: toTime(notice.failingSinceMs) } };
    case "backlog.growing": {
      const { type, backlog, backlogIsExact, oldestUndeliveredMs } = notice;
      return { type, data: { ...ids, backlog, backlogIsExact, oldestUndeliveredAt: toTime(oldestUndeliveredMs) } };
    }
  }
}

const tellChannel = (
  { type, storedBytes }: Exclude<LogNotice, OfSubscription>,
  { apiId, address: channel }: LogOwner,
): Notice => ({ type, data: { apiId, channel, storedBytes, storedBytesMax: STORAGE_BYTES_MAX } });
