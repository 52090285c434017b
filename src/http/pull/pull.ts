import type { Context } from "hono";
import { z } from "zod";
import type { PullOutcome, PullSettle, PullSettled } from "../../domain/pull.ts";
import { readEventId } from "../../kernel/ids.ts";
import {
  PULL_EVENTS_DEFAULT,
  PULL_EVENTS_MAX,
  PULL_LEASE_SECONDS_DEFAULT,
  PULL_LEASE_SECONDS_MAX,
  PULL_LEASE_SECONDS_MIN,
  PULL_SETTLED_MAX,
} from "../../kernel/limits.ts";
import { ok, type Result } from "../../kernel/result.ts";
import { listSubscribedLogs, type SubscribedLog } from "../../registry/topic-logs.ts";
import type { AppEnv } from "../app-env.ts";
import { checkShape, readText } from "../body.ts";
import { forEachBounded } from "../bounded.ts";
import { conflict, type Route, readQuery } from "../call/call.ts";
import { jsonBody } from "../call/request-body.ts";
import { Id } from "../fields.ts";
import { LOG_SILENT, type Problem, problem } from "../problem.ts";
import { gatherEvents } from "./gather-events.ts";
import { admitPuller, type PullScope } from "./pull-caller.ts";
import { PulledEvents, writePulled } from "./pulled-view.ts";

const PullQuery = z.object({
  max: z.coerce.number().int().min(1).max(PULL_EVENTS_MAX).default(PULL_EVENTS_DEFAULT),
  leaseSeconds: z.coerce
    .number()
    .int()
    .min(PULL_LEASE_SECONDS_MIN)
    .max(PULL_LEASE_SECONDS_MAX)
    .default(PULL_LEASE_SECONDS_DEFAULT),
});

const EventIds = z.array(Id).max(PULL_SETTLED_MAX).default([]);

const Ack = z
  .strictObject({
    eventIds: EventIds.meta({ description: "Done with." }),
    failed: EventIds.meta({ description: "Tried again by the subscription's retry policy." }),
    released: EventIds.meta({ description: "Not tried: back at once." }),
  })
  .refine((ack) => idsOf(ack).length > 0, "names no event")
  .refine((ack) => idsOf(ack).length <= PULL_SETTLED_MAX, `names more than ${PULL_SETTLED_MAX} events`)
  .refine((ack) => new Set(idsOf(ack)).size === idsOf(ack).length, "names an event twice");
type Ack = z.infer<typeof Ack>;

const AckBody = jsonBody(Ack);

const Acked = z.object({
  settled: z.array(z.string()).meta({ description: "Leased, or ended before as it is told." }),
  unknown: z.array(z.string()).meta({ description: "Not leased any more: what is not done with comes again." }),
});

const shared = { tag: "Subscriptions", action: "subscription.pull", status: 200 } as const;

const pullEvents: Route = {
  ...shared,
  method: "get",
  path: "/v1/subscriptions/{id}/events",
  summary: "Lease events of a subscription without an endpoint; each is the caller's until its lease runs out",
  query: PullQuery,
  body: null,
  answers: { "application/json": { schema: PulledEvents } },
  run: async (c) => {
    const text = await pull(c);
    if (!text.ok) return problem(c, text.error);
    return c.body(text.value, 200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  },
};

const ackEvents: Route = {
  ...shared,
  method: "post",
  path: "/v1/subscriptions/{id}/ack",
  summary: "Say what became of leased events; what is not named stays leased",
  query: undefined,
  body: AckBody,
  answers: { "application/json": { schema: Acked } },
  run: async (c) => {
    const settled = await acknowledge(c);
    return settled.ok ? c.json(settled.value, 200, { "Cache-Control": "no-store" }) : problem(c, settled.error);
  },
};

async function pull(c: Context<AppEnv>): Promise<Result<string, Problem>> {
  const scope = await admitPuller(c);
  if (!scope.ok) return scope;
  const query = checkShape(PullQuery, readQuery(c));
  if (!query.ok) return query;
  const { subscription } = scope.value;
  if (subscription.endpoint !== null) {
    return conflict("This subscription has an endpoint: its events are sent there. Only one without can be fetched.");
  }
  if (subscription.status !== "active")
    return conflict(`A subscription that is ${subscription.status} cannot be fetched.`);
  const logs = (await listLogs(c, scope.value)).map(({ log }) => log);
  const deps = { logs: c.var.logs, clock: c.var.clock, random: Math.random };
  const gathered = await gatherEvents(deps, logs, { subscription: subscription.id, ...query.value });
  return gathered.leases.length === 0 && gathered.isSilent ? LOG_SILENT : ok(writePulled(gathered));
}

async function acknowledge(c: Context<AppEnv>): Promise<Result<PullSettled, Problem>> {
  const scope = await admitPuller(c);
  if (!scope.ok) return scope;
  const text = await readText(c.req.raw, AckBody.bytesMax);
  const ack = text.ok ? AckBody.read(text.value) : text;
  if (!ack.ok) return ack;
  return settle(c, scope.value, await listLogs(c, scope.value), toOutcomes(ack.value));
}

/** Each log hears what is its own. To repeat it is safe, where one did not answer. */
async function settle(
  c: Context<AppEnv>,
  { subscription }: PullScope,
  logs: SubscribedLog[],
  outcomes: PullSettle["outcomes"],
): Promise<Result<PullSettled, Problem>> {
  const names = new Map(logs.map(({ log, ...hint }) => [hintOf(hint), log]));
  const byLog = Map.groupBy(outcomes, ({ eventId }) => names.get(hintOf(readEventId(eventId).hint)) ?? null);
  const settled = new Set<string>();
  let isSilent = false;
  await forEachBounded([...byLog], async ([log, own]) => {
    if (log === null) return;
    const answer = await c.var.logs.pullSettle(log, { subscription: subscription.id, outcomes: own });
    if (!answer.ok) isSilent = true;
    else for (const id of answer.value.settled) settled.add(id);
  });
  if (isSilent) return LOG_SILENT;
  const ids = outcomes.map(({ eventId }) => eventId);
  return ok({ settled: ids.filter((id) => settled.has(id)), unknown: ids.filter((id) => !settled.has(id)) });
}

const hintOf = ({ topicNumber, shard }: { topicNumber: number; shard: number }): string => `${topicNumber}/${shard}`;

async function listLogs(c: Context<AppEnv>, { subscription, channels }: PullScope): Promise<SubscribedLog[]> {
  const logs = await listSubscribedLogs(c.env.REGISTRY, subscription.id);
  return channels === null ? logs : logs.filter(({ address }) => channels.includes(address));
}

const idsOf = ({ eventIds, failed, released }: Record<"eventIds" | "failed" | "released", string[]>): string[] => [
  ...eventIds,
  ...failed,
  ...released,
];

function toOutcomes({ eventIds, failed, released }: Ack): PullSettle["outcomes"] {
  const named = (ids: string[], outcome: PullOutcome) => ids.map((eventId) => ({ eventId, outcome }));
  return [...named(eventIds, "delivered"), ...named(failed, "failed"), ...named(released, "released")];
}

export const pullRoutes = [pullEvents, ackEvents];
