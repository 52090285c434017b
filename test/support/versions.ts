import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AppendOutcome } from "../../src/domain/append-outcome.ts";
import type { LeaseAnswer, LeaseCall, Wake } from "../../src/domain/delivery.ts";
import type { NewEvent } from "../../src/domain/event.ts";
import type { LogSubscription } from "../../src/domain/subscription.ts";
import type { SubscriptionStatus } from "../../src/domain/subscription-status.ts";
import type { TopicConfig } from "../../src/domain/topic.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/versions");

/** Versions of this code whose state and calls are kept, by the schema of their logs (`test/fixtures/versions/README.md`). */
export const VERSIONS = [1, 2, 3, 6];

/** When all of them were recorded, and a little later. */
export const AFTER_RECORDING_MS = Date.parse("2026-11-22T13:00:00Z");

/** What an older version says in an RPC or a queue's message: today's types are a promise that it does not keep. */
export type RecordedCalls = {
  topic: TopicConfig;
  subscription: LogSubscription;
  event: NewEvent;
  outcome: AppendOutcome[];
  wake: Wake;
  /** The first answer of settle-and-lease, the call that settles it, and the answer to that. */
  lease: Extract<LeaseAnswer, { kind: "lease" }>;
  call: LeaseCall;
  after: LeaseAnswer;
  status: SubscriptionStatus;
};

/** What a log of this version has left: the topic's, or that of an API by consent. */
export const storedLog = (version: number, file = "log.sql"): string =>
  readFileSync(join(FIXTURES, `log-${version}`, file), "utf8");

export function recordedCalls(version: number): RecordedCalls {
  const text = readFileSync(join(FIXTURES, `log-${version}`, "calls.json"), "utf8");
  return JSON.parse(text, (_, value) =>
    typeof value?.base64 === "string" ? new Uint8Array(Buffer.from(value.base64, "base64")) : value,
  );
}
