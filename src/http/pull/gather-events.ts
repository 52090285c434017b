import type { PullLease } from "../../domain/pull.ts";
import type { Clock } from "../../kernel/clock.ts";
import { newId } from "../../kernel/ids.ts";
import { PULL_ANSWER_BYTES_MAX, PULL_GATHER_MS_MAX, PULL_LOOK_MS_MAX } from "../../kernel/limits.ts";
import type { LogControls } from "../../topic/client.ts";

export type GatherDeps = { logs: Pick<LogControls, "pullLease">; clock: Clock; random: () => number };

/** What is asked of all logs together. */
export type GatherAsk = { subscription: string; max: number; leaseSeconds: number };

/** `retryMs`: when there may be more, as logs that had nothing say; null: not before another event comes. `isSilent`: one did not answer. */
export type Gathered = {
  leases: { lease: PullLease; atMs: number }[];
  retryMs: number | null;
  isSilent: boolean;
};

/**
 * Leases events of logs one after the other, until there are as many as were asked for. Begins at another log each time, so that
 * the first does not keep the last waiting.
 */
export async function gatherEvents(deps: GatherDeps, logs: readonly string[], ask: GatherAsk): Promise<Gathered> {
  const first = Math.floor(deps.random() * logs.length);
  const begunMs = deps.clock.now();
  const gathered: Gathered = { leases: [], retryMs: null, isSilent: false };
  for (const log of [...logs.slice(first), ...logs.slice(0, first)]) {
    if (isEnough(gathered, ask.max, deps.clock.now() - begunMs)) {
      // Nobody has asked the others.
      gathered.retryMs = 0;
      break;
    }
    await askLog(deps, log, ask, gathered);
  }
  return gathered;
}

async function askLog({ logs, clock }: GatherDeps, log: string, ask: GatherAsk, gathered: Gathered): Promise<void> {
  const max = ask.max - countEvents(gathered);
  const answer = await logs.pullLease(log, { ...ask, max, nonce: newId() });
  if (!answer.ok) gathered.isSilent = true;
  else if (answer.value.kind === "lease") {
    gathered.leases.push({ lease: answer.value.lease, atMs: clock.now() });
    gathered.retryMs = 0;
  } else if (answer.value.kind === "nothing") gathered.retryMs = earlier(gathered.retryMs, answer.value.retryMs);
}

function isEnough({ leases }: Gathered, max: number, spentMs: number): boolean {
  const [first] = leases;
  if (!first) return spentMs >= PULL_LOOK_MS_MAX;
  const events = leases.flatMap(({ lease }) => lease.items.flatMap((item) => item.events));
  const bytes = events.reduce((sum, { body }) => sum + body.byteLength, 0);
  return events.length >= max || bytes >= PULL_ANSWER_BYTES_MAX || spentMs >= PULL_GATHER_MS_MAX;
}

const countEvents = ({ leases }: Gathered): number =>
  leases.reduce((sum, { lease }) => sum + lease.items.reduce((n, { events }) => n + events.length, 0), 0);

const earlier = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);
