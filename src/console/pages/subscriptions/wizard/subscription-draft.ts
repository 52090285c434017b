import { toMoment } from "../../../parts/local-time.ts";
import { readFilter } from "../fields/filter-draft.ts";
import type { FormatDraft } from "../fields/format-draft.ts";
import { type RetryDraft, readRetry, toRetryDraft } from "../fields/retry-draft.ts";
import { DEFAULT_RETRY } from "../retry-words.ts";
import type { NewSubscription } from "../subscription-types.ts";

/** A subscription while somebody makes it. */
export type SubscriptionDraft = {
  apiId: string;
  appId: string;
  description: string;
  channels: string[] | null;
  filter: string;
  /** No endpoint: live and pull only. */
  isLive: boolean;
  endpoint: string;
  format: FormatDraft;
  retry: RetryDraft;
  start: "latest" | "earliest" | "time";
  /** Of a `datetime-local` field: in this browser's time zone. */
  startTime: string;
};

export type StepProps = { draft: SubscriptionDraft; onChange(change: Partial<SubscriptionDraft>): void };

export const EMPTY_DRAFT: SubscriptionDraft = {
  apiId: "",
  appId: "",
  description: "",
  channels: null,
  filter: "",
  isLive: false,
  endpoint: "",
  format: { format: "standard", structured: false, eventPath: null },
  retry: toRetryDraft(DEFAULT_RETRY),
  start: "latest",
  startTime: "",
};

export const STEPS = ["api", "events", "endpoint", "delivery"] as const;
export type Step = (typeof STEPS)[number];

export const STEP_TITLES: Record<Step, string> = {
  api: "API and app",
  events: "Events",
  endpoint: "Endpoint",
  delivery: "Delivery",
};

/** What a step still lacks; null: nothing. */
export function findLack(step: Step, draft: SubscriptionDraft): string | null {
  switch (step) {
    case "api":
      if (draft.apiId === "") return "Choose an API.";
      return draft.appId === "" ? "Choose the app that gets the events." : null;
    case "events":
      if (draft.channels?.length === 0) return "Choose at least one channel.";
      return readFilter(draft.filter).ok ? null : "The filter is no JSON object yet.";
    case "endpoint":
      return draft.isLive || isEndpoint(draft.endpoint) ? null : "Give the URL that events are posted to.";
    case "delivery":
      if (!readRetry(draft.retry).ok) return "The waits are not complete yet.";
      return draft.start === "time" && toMoment(draft.startTime) === null ? "Choose the time to start from." : null;
  }
}

/** The step to show: the one that was asked for, or the first before it that lacks something. */
export function reachStep(asked: string | undefined, draft: SubscriptionDraft): Step {
  const index = Math.max(0, STEPS.indexOf(asked as Step));
  return STEPS.slice(0, index).find((step) => findLack(step, draft) !== null) ?? STEPS[index] ?? "api";
}

/** Where it may lead, the relay decides; here only that it is the address of a web server. */
export const isEndpoint = (text: string): boolean => {
  const url = URL.parse(text.trim());
  return url !== null && (url.protocol === "https:" || url.protocol === "http:") && url.hostname !== "";
};

/** What is sent for a draft that lacks nothing. */
export function toNewSubscription(draft: SubscriptionDraft): NewSubscription {
  const filter = readFilter(draft.filter);
  const retry = readRetry(draft.retry);
  const hasRetry = !draft.isLive && draft.retry.kind !== "default" && retry.ok;
  return {
    apiId: draft.apiId,
    channels: draft.channels,
    start: draft.start === "time" ? (toMoment(draft.startTime) ?? "latest") : draft.start,
    ...(filter.ok && filter.value !== null && { filter: filter.value }),
    ...(draft.description.trim() !== "" && { description: draft.description.trim() }),
    ...(!draft.isLive && { endpoint: draft.endpoint.trim(), ...draft.format }),
    ...(hasRetry && { retry: retry.value }),
  };
}

const STEP_OF: Record<string, Step> = {
  apiId: "api",
  description: "api",
  channels: "events",
  filter: "events",
  endpoint: "endpoint",
  format: "endpoint",
  structured: "endpoint",
  eventPath: "endpoint",
  verification: "endpoint",
  retry: "delivery",
  start: "delivery",
};

/** The step in which to mend what the relay has refused. */
export const stepOf = (path: string): Step | null =>
  STEP_OF[path.split(/[./]/).find((part) => part !== "") ?? ""] ?? null;
