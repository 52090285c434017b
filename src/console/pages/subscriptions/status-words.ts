import type { ListedSubscription } from "./subscription-types.ts";

/** What a state means for the subscriber, and what comes next. */
type Explanation = { tone: "info" | "good" | "warn" | "bad"; title: string; text: string };

type Explained = Pick<ListedSubscription, "status" | "endpoint" | "verificationError">;

export function explainStatus({ status, endpoint, verificationError }: Explained): Explanation {
  switch (status) {
    case "active":
      return endpoint === null
        ? {
            tone: "good",
            title: "Active, live and pull only",
            text: "Events wait here until your app fetches them or listens: nothing is posted anywhere.",
          }
        : {
            tone: "good",
            title: "Active",
            text: "Every event that is published from now on is delivered to your endpoint.",
          };
    case "pending":
      return {
        tone: "warn",
        title: "Waiting for the publisher's approval",
        text: "The API's publisher looks at each new subscriber. Nothing is delivered until they approve; you need not do anything.",
      };
    case "rejected":
      return {
        tone: "bad",
        title: "Rejected by the publisher",
        text: "The API's publisher has refused this subscription, or stopped it. Ask them why; they can approve it again.",
      };
    case "unverified":
      return {
        tone: "warn",
        title: "Your endpoint has not agreed yet",
        text: `The relay asks with an OPTIONS request, and your endpoint agrees with the header WebHook-Allowed-Origin. Events are kept until then.${verificationError ? ` The last time: ${verificationError}` : ""}`,
      };
    case "paused":
      return {
        tone: "info",
        title: "Paused",
        text: "Nothing is delivered. Events are kept, in order, and go out when you resume.",
      };
    case "disabled":
      return {
        tone: "bad",
        title: "Disabled: your endpoint answered 410 Gone",
        text: "That means it wants nothing any more. Events are kept. Mend the endpoint or choose another in the settings, then resume.",
      };
  }
}
