import { countOf, upper } from "../../parts/words.ts";

/** What the relay told an organization. Its data is read with care: a relay of another version may have written it. */
export type Notice = {
  id: string;
  at: string;
  type: string;
  data: Record<string, unknown>;
  apiTitle: string | null;
};

/** What somebody calls their subscriptions, by their ids. */
export type Names = ReadonlyMap<string, string>;

/** Where one can do something about it. */
export type NoticePlace =
  | { page: "subscription" | "dead-deliveries"; subscriptionId: string }
  | { page: "consent"; consentId: string }
  | { page: "api" | "subscribers" | "directory"; apiId: string };

export type NoticeTone = "neutral" | "good" | "warn" | "bad";

export type NoticeWords = { text: string; tone: NoticeTone; kind: string; place: NoticePlace | null };

/** A notice in a sentence, with the page where one can do something about it. */
export function sayNotice(
  { type, data, apiTitle }: Pick<Notice, "type" | "data" | "apiTitle">,
  names: Names,
): NoticeWords {
  const text = (name: string): string => (typeof data[name] === "string" ? data[name] : "");
  const count = (name: string): number => (typeof data[name] === "number" ? data[name] : 0);
  const apiId = text("apiId");
  const subscriptionId = text("subscriptionId");
  const api = apiTitle ?? "an API";
  const subscription = names.get(subscriptionId) ?? `the subscription to ${api}`;
  const since = text("failingSince") === "" ? "" : ` since ${sayMoment(text("failingSince"))}`;
  const toSubscription: NoticePlace = { page: "subscription", subscriptionId };
  switch (type) {
    case "subscription.pending":
      return says(`Somebody wants to subscribe to ${api}, and waits for your approval.`, "warn", "Approval", {
        page: "subscribers",
        apiId,
      });
    case "subscription.disabled":
      return says(
        text("reason") === "gone"
          ? `${upper(subscription)} was disabled: its endpoint said that it is gone (410).`
          : `${upper(subscription)} was disabled: its endpoint has failed for too long.`,
        "bad",
        "Disabled",
        toSubscription,
      );
    case "subscription.failing":
      return says(
        `The endpoint of ${subscription} has done nothing but fail${since}.`,
        "bad",
        "Failing",
        toSubscription,
      );
    case "subscription.recovered":
      return says(`${upper(subscription)} delivers again.`, "good", "Recovered", toSubscription);
    case "delivery.dead":
      return says(
        `${countOf(count("count"), `event of ${subscription} was`, `events of ${subscription} were`)} given up.`,
        "bad",
        "Dead",
        { page: "dead-deliveries", subscriptionId },
      );
    case "backlog.growing":
      return says(
        `${data.backlogIsExact === false ? "At least " : ""}${countOf(count("backlog"), "event")} of ${subscription} wait, the oldest since ${sayMoment(text("oldestUndeliveredAt"))}.`,
        "warn",
        "Backlog",
        toSubscription,
      );
    case "consent.requested":
      return says(`An app asks for your events of ${api}.`, "warn", "Consent", consentOf(text("consentId")));
    case "consent.revoked":
      return says(`A data owner took back its consent for ${api}.`, "neutral", "Consent", consentOf(text("consentId")));
    case "storage.nearly_full":
      return says(`The channel ${text("channel")} of ${api} is nearly full.`, "warn", "Storage", {
        page: "api",
        apiId,
      });
    case "storage.full":
      return says(`The channel ${text("channel")} of ${api} is full, and takes no more events.`, "bad", "Storage", {
        page: "api",
        apiId,
      });
    case "api.version.breaking":
      return says(
        `${upper(api)} has a version ${text("version")} that breaks with the one before (${countOf(count("breakingChanges"), "change")}).`,
        "warn",
        "Version",
        { page: "directory", apiId },
      );
    default:
      return says(type, "neutral", "Notice", null);
  }
}

const says = (text: string, tone: NoticeTone, kind: string, place: NoticePlace | null): NoticeWords => ({
  ...{ text, tone, kind, place },
});

const consentOf = (consentId: string): NoticePlace => ({ page: "consent", consentId });

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function sayMoment(at: string): string {
  const atMs = Date.parse(at);
  return Number.isNaN(atMs) ? "some time" : moment.format(atMs);
}

/** The subscriptions that were failing when the relay last said something of them; `notices` are newest first. */
export function findFailing(notices: readonly Notice[]): Notice[] {
  const heardOf = new Set<unknown>();
  return notices.filter(({ type, data }) => {
    if (!/^subscription\.(failing|recovered|disabled)$/.test(type) || heardOf.has(data.subscriptionId)) return false;
    heardOf.add(data.subscriptionId);
    return type === "subscription.failing";
  });
}
