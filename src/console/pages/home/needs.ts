import type { Row } from "../../api/answer.ts";
import { upper } from "../../parts/words.ts";
import {
  findFailing,
  type Names,
  type Notice,
  type NoticePlace,
  type NoticeTone,
  sayNotice,
} from "../notices/notice-words.ts";
import type { Verdict } from "../subscriptions/health/health-words.ts";

/** Something that waits for somebody of the organization, and where they can do it. */
export type Need = { id: string; text: string; tone: NoticeTone; kind: string; place: NoticePlace | null };

export type Found = {
  requests: Pick<Row<"/v1/consents">, "id" | "app" | "api" | "subscriberName">[];
  pending: (Pick<Row<"/v1/apis/{id}/subscriptions">, "id" | "app" | "apiId"> & { apiTitle: string })[];
  subscriptions: Pick<Row<"/v1/subscriptions">, "id" | "status" | "apiTitle">[];
  /** Of those subscriptions that were asked, how they do. */
  verdicts: ReadonlyMap<string, Verdict>;
  /** Newest first. */
  notices: Notice[];
};

/** Whoever waits for an answer first, then what is broken. */
export function gatherNeeds({ requests, pending, subscriptions, verdicts, notices }: Found, names: Names): Need[] {
  const nameOf = ({ id, apiTitle }: Found["subscriptions"][number]): string =>
    names.get(id) ?? `the subscription to ${apiTitle}`;
  const there = new Map(subscriptions.map((subscription) => [subscription.id, subscription.status]));
  return [
    ...requests.map(({ id, app, api, subscriberName }) => ({
      ...{ id, tone: "warn" as const, kind: "Consent" },
      text: `${app.name} of ${subscriberName} asks for your events of ${api.title}.`,
      place: { page: "consent" as const, consentId: id },
    })),
    ...pending.map(({ id, app, apiId, apiTitle }) => ({
      ...{ id, tone: "warn" as const, kind: "Approval" },
      text: `${app.name} wants to subscribe to ${apiTitle}.`,
      place: { page: "subscribers" as const, apiId },
    })),
    ...subscriptions.flatMap((subscription) => {
      const verdict = verdicts.get(subscription.id);
      return verdict && isBad(verdict) ? [needOf(subscription.id, nameOf(subscription), verdict)] : [];
    }),
    // Of what was deleted, paused or disabled since, there is nothing left to mend.
    ...findFailing(notices)
      .filter(({ data: { subscriptionId: id } }) => there.get(String(id)) === "active" && !verdicts.has(String(id)))
      .map((notice) => ({ id: notice.id, ...sayNotice(notice, names) })),
    ...subscriptions
      .filter(({ status }) => status === "disabled")
      .map((subscription) => ({
        ...{ id: subscription.id, tone: "bad" as const, kind: "Disabled" },
        text: `Nothing is sent to ${nameOf(subscription)} any more. Mend its endpoint, then resume it.`,
        place: { page: "subscription" as const, subscriptionId: subscription.id },
      })),
    ...subscriptions
      .filter(({ status }) => status === "unverified")
      .map((subscription) => ({
        ...{ id: subscription.id, tone: "warn" as const, kind: "Unverified" },
        text: `Nothing is sent to ${nameOf(subscription)} until its endpoint has agreed.`,
        place: { page: "subscription" as const, subscriptionId: subscription.id },
      })),
  ];
}

const isBad = ({ tone }: Verdict): boolean => tone === "warn" || tone === "bad";

const needOf = (subscriptionId: string, name: string, { tone, words }: Verdict): Need => ({
  ...{ id: subscriptionId, tone, kind: "Delivery", text: `${upper(name)}: ${words}.` },
  place: { page: "subscription", subscriptionId },
});
