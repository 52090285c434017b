import { requestUrl, splitEndpoint } from "../../../../delivery/request-url.ts";
import type { ListedSubscription } from "../subscription-types.ts";

/** What an event says that a request tells of. */
type Sent = { id: string; channel: string; partitionKey: string | null };
type Header = { name: string; value: string };

/** Headers of a request as it went out, as far as they can be known: what is made anew for each attempt is described in brackets. */
export function previewHeaders(subscription: ListedSubscription, event: Sent): Header[] {
  const own = Object.entries(subscription.headers).map(([name, value]) => ({ name, value }));
  return [
    { name: "content-type", value: isStructured(subscription) ? "application/cloudevents+json" : "[as published]" },
    { name: "webhook-id", value: event.id },
    { name: "webhook-timestamp", value: "[when it was attempted]" },
    { name: "webhook-signature", value: "v1,[with your secret] v1a,[with the relay's key]" },
    { name: "authorization", value: "Bearer [a token of your app's]" },
    ...formatHeaders(subscription, event),
    ...own,
  ];
}

const isStructured = ({ format, structured }: ListedSubscription): boolean => format === "cloudevents" && structured;

function formatHeaders(subscription: ListedSubscription, { id, channel, partitionKey }: Sent): Header[] {
  const key = (name: string): Header[] => (partitionKey === null ? [] : [{ name, value: partitionKey }]);
  switch (subscription.format) {
    case "standard":
      return [{ name: "event-channel", value: channel }, ...key("partition-key")];
    case "cloudevents":
      if (isStructured(subscription)) return [];
      return [{ name: "ce-id", value: id }, { name: "ce-type", value: "[of the event]" }, ...key("ce-partitionkey")];
    case "fortellis":
      return [
        { name: "fortellis-event-id", value: id },
        { name: "deliveredtimestamp", value: "[when it was accepted]" },
      ];
  }
}

/** Where a request goes: format fortellis adds a path of its own. */
export const previewUrl = ({ endpoint, format, eventPath }: ListedSubscription, channel: string): string =>
  endpoint === null ? "" : requestUrl(splitEndpoint(new URL(endpoint), { format, eventPath }), channel);
