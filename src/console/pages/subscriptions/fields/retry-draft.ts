import { err, ok, type Result } from "../../../../kernel/result.ts";
import { formatCount } from "../../../parts/words.ts";
import { DEFAULT_RETRY } from "../retry-words.ts";
import type { RetryPolicy } from "../subscription-types.ts";

/** A retry policy while somebody writes it: texts, as they stand in the fields. */
export type RetryDraft = {
  kind: "default" | "growing" | "schedule";
  initialSeconds: string;
  multiplier: string;
  maxDelaySeconds: string;
  /** Empty: without end. */
  maxAttempts: string;
  /** Seconds between commas. */
  schedule: string;
};

/** One day: no wait is longer. */
const DELAY_SECONDS_MAX = 86_400;
const ATTEMPTS_MAX = 10_000;
const SCHEDULE_ENTRIES_MAX = 100;

export function toRetryDraft(policy: RetryPolicy): RetryDraft {
  const { initialSeconds, multiplier, maxDelaySeconds, maxAttempts } = { ...DEFAULT_RETRY, ...policy };
  const isDefault =
    policy.schedule === undefined &&
    JSON.stringify({ initialSeconds, multiplier, maxDelaySeconds, maxAttempts }) === JSON.stringify(DEFAULT_RETRY);
  return {
    kind: policy.schedule ? "schedule" : isDefault ? "default" : "growing",
    initialSeconds: String(initialSeconds),
    multiplier: String(multiplier),
    maxDelaySeconds: String(maxDelaySeconds),
    maxAttempts: maxAttempts === null ? "" : String(maxAttempts),
    schedule: (policy.schedule ?? [5, 60, 600, 3600]).join(", "),
  };
}

/** By the field that is wrong, what is wrong with it. */
export type RetryErrors = Partial<Record<Exclude<keyof RetryDraft, "kind">, string>>;

export function readRetry(draft: RetryDraft): Result<RetryPolicy, RetryErrors> {
  if (draft.kind === "default") return ok(DEFAULT_RETRY);
  const maxAttempts = draft.maxAttempts.trim() === "" ? null : Number(draft.maxAttempts);
  const errors: RetryErrors = {};
  if (maxAttempts !== null && !(Number.isInteger(maxAttempts) && isWithin(maxAttempts, 1, ATTEMPTS_MAX)))
    errors.maxAttempts = `A whole number from 1 to ${formatCount(ATTEMPTS_MAX)}, or nothing.`;
  const policy = draft.kind === "schedule" ? readSchedule(draft, errors) : readGrowing(draft, errors);
  return Object.keys(errors).length > 0 ? err(errors) : ok({ ...policy, maxAttempts });
}

function readSchedule({ schedule }: RetryDraft, errors: RetryErrors): RetryPolicy {
  const [first = Number.NaN, ...more] = schedule
    .split(/[\s,;]+/)
    .flatMap((word) => (word === "" ? [] : [Number(word)]));
  if (more.length >= SCHEDULE_ENTRIES_MAX) errors.schedule = `At most ${SCHEDULE_ENTRIES_MAX} waits.`;
  else if (![first, ...more].every((delay) => isWithin(delay, 1, DELAY_SECONDS_MAX)))
    errors.schedule = "Numbers of seconds between commas, each from 1 to 86400.";
  return { schedule: [first, ...more] };
}

function readGrowing(draft: RetryDraft, errors: RetryErrors): RetryPolicy {
  const read = (field: "initialSeconds" | "multiplier" | "maxDelaySeconds", max: number): number => {
    const value = Number(draft[field]);
    if (draft[field].trim() === "" || !isWithin(value, 1, max)) errors[field] = `A number from 1 to ${max}.`;
    return value;
  };
  return {
    initialSeconds: read("initialSeconds", DELAY_SECONDS_MAX),
    multiplier: read("multiplier", 10),
    maxDelaySeconds: read("maxDelaySeconds", DELAY_SECONDS_MAX),
  };
}

const isWithin = (value: number, least: number, most: number): boolean => value >= least && value <= most;
