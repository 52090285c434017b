import type { Attempt } from "../subscription-types.ts";

/** What went wrong with an attempt, and what the receiver's people can do. */
type Failure = { what: string; todo: string };

const WITHOUT_ANSWER: Record<string, Failure> = {
  timeout: {
    what: "Your endpoint took too long to answer.",
    todo: "Answer 2xx as soon as the event is stored and do the work afterwards, or give it more time in the settings.",
  },
  connection: {
    what: "No connection could be made.",
    todo: "Check that the name resolves, that something listens on the port, that the certificate is valid and covers the name, and that no firewall is in the way.",
  },
  endpoint_refused: {
    what: "The relay sends nothing to this address.",
    todo: "Its name leads to a private or reserved address, or it is not https on port 443 or 8443. Choose a public https endpoint in the settings.",
  },
  internal: {
    what: "The relay could not prepare the request.",
    todo: "It is not your endpoint's fault, and the relay tries again by itself.",
  },
  rejected: {
    what: "Your app said that it failed with this event.",
    todo: "Look into your app's own log at that time; the event comes again.",
  },
};

const BY_STATUS: Record<number, Failure> = {
  400: {
    what: "Your endpoint refused the request as malformed.",
    todo: "Its answer may say why. Does it expect another format? That is chosen in the settings.",
  },
  401: {
    what: "Your endpoint did not accept who the request is from.",
    todo: "Check the signature with the newest signing secret over the raw bytes of the body, and let proxies pass the webhook-* and Authorization headers.",
  },
  404: {
    what: "Nothing is at this path.",
    todo: "Check the endpoint's URL; in format fortellis, /event/{channel} is added to it.",
  },
  405: { what: "Your endpoint takes no POST.", todo: "Check its URL and its method." },
  410: {
    what: "Your endpoint said that it is gone for good.",
    todo: "The subscription is disabled. Mend the endpoint or choose another, then resume.",
  },
  413: { what: "The event is too large for your endpoint.", todo: "Let it take bodies of 1 MiB." },
  422: {
    what: "Your endpoint refused this event's content.",
    todo: "Its answer may say why. Once it is mended, retry; if the event is no use, skip it and its key goes on.",
  },
  429: {
    what: "Your endpoint asked for fewer requests.",
    todo: "The relay obeys its Retry-After. A rate limit in the settings keeps it from coming to that.",
  },
  503: {
    what: "Your endpoint was not available.",
    todo: "The relay obeys its Retry-After and tries again by itself.",
  },
};

/** null: it delivered. */
export function explainFailure({ status, error }: Pick<Attempt, "status" | "error">): Failure | null {
  if (error === null) return null;
  if (error === "redirect")
    return {
      what: `Your endpoint redirected (${status}), and redirects are not followed.`,
      todo: "Set the address that it leads to as the endpoint.",
    };
  if (status === 0) return ownOf(WITHOUT_ANSWER, error) ?? { what: `There was no answer (${error}).`, todo: AGAIN };
  return BY_STATUS[status === 403 ? 401 : status] ?? explainOther(status);
}

const AGAIN = "The relay tries again by itself.";

const explainOther = (status: number): Failure =>
  status >= 500
    ? {
        what: "Your endpoint failed.",
        todo: "Look into its own log at that time. Once it is mended, the relay's next attempt succeeds by itself.",
      }
    : {
        what: "Your endpoint refused the request.",
        todo: "Its answer may say why. Only an answer of 200 to 299 counts as delivered.",
      };

/** An attempt's outcome in a few characters: the status, or why there was none. */
export const nameOutcome = ({ status, error }: Pick<Attempt, "status" | "error">): string =>
  status !== 0 ? String(status) : (ownOf(OUTCOMES, error ?? "") ?? error ?? "no answer");

const OUTCOMES: Record<string, string> = {
  timeout: "timeout",
  connection: "no connection",
  endpoint_refused: "address refused",
  internal: "relay's trouble",
  rejected: "rejected",
};

/** What a newer relay names is not in a table, whatever every object has by birth. */
const ownOf = <T>(table: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
