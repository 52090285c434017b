import type { AddressedNotice, LogNotice, Notice } from "../../domain/notice.ts";
import { STORAGE_BYTES_MAX } from "../../kernel/limits.ts";
import { findNoticeParties, type NoticeParties } from "../../registry/notices.ts";
import { findLogOwner, type LogOwner } from "../../registry/topic-logs.ts";
import type { TopicLogs } from "../../topic/client.ts";
import { toTime } from "../fields.ts";
import { failsForGood } from "./fails-for-good.ts";
import { publishNotices } from "./send-notices.ts";

export type CollectDeps = {
  db: D1Database;
  logs: TopicLogs;
  nowMs: number;
  /** After how many days of nothing but failures a subscription is disabled; null: never, as the promise is delivery without end. */
  disableAfterDays: number | null;
  disable(subscriptionId: string): Promise<void>;
};

/** Publishes what a log has to tell, and then tells it so. Where anything of it fails, the log calls again, and gives the same. */
export async function collectNotices(deps: CollectDeps, log: string): Promise<void> {
  const taken = await deps.logs.takeNotices(log);
  const last = taken.ok && taken.value.at(-1);
  if (!taken.ok || !last) return;
  if (!(await publishNotices(deps, await addressAll(deps.db, log, taken.value)))) return;
  for (const notice of taken.value) {
    if (notice.type === "subscription.failing" && (await failsForGood(deps, notice)))
      await deps.disable(notice.subscriptionId);
  }
  await deps.logs.dropNotices(log, last.n);
}

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
    if (!parties || !owner) return [];
    const { organizationId } = parties;
    return [{ key, atMs: notice.atMs, organizationId, notice: tellSubscription(notice, parties, owner) }];
  });
}

type OfSubscription = Extract<LogNotice, { subscriptionId: string }>;

function tellSubscription(
  notice: OfSubscription,
  { apiId, subscriptionId }: NoticeParties,
  { address: channel }: LogOwner,
): Notice {
  const ids = { apiId, subscriptionId, channel };
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
