import type { PullAnswer } from "../../domain/pull.ts";
import type { Clock } from "../../kernel/clock.ts";
import { newId } from "../../kernel/ids.ts";
import { AMQP_LEASE_SECONDS, AMQP_LOOK_AGAIN_MS, AMQP_POLL_MS } from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { listPulledChannels, type PulledChannel } from "../../registry/pulled-channels.ts";
import { type AmqpError, amqpError } from "../../stream/amqp/errors.ts";
import type { EventSource, Leased, LeasedEvent, SettledEvent, SourceRequest } from "../../stream/amqp/ports.ts";
import type { LogControls } from "../../topic/client.ts";
import { forEachBounded } from "../bounded.ts";

/** What a source asks: `count` counts each call, as an invocation of a Worker may not make any number of them. */
export type SourceDeps = {
  db: D1Database;
  logs: Pick<LogControls, "pullLease" | "pullSettle" | "pullRenew">;
  clock: Clock;
  clientId: string;
  count(calls: number): void;
};

/** Opens what a client asks to receive from: the logs of a channel that its app subscribes to without an endpoint. */
export async function openEventSource(
  deps: SourceDeps,
  request: SourceRequest,
): Promise<Result<EventSource, AmqpError>> {
  const channel = await findChannel(deps, request);
  return channel.ok ? ok(new LogSource(deps, request, channel.value)) : channel;
}

async function findChannel(
  { db, clientId, count }: SourceDeps,
  { apiId, channel, subscriptionId }: SourceRequest,
): Promise<Result<PulledChannel, AmqpError>> {
  count(1);
  const all = await listPulledChannels(db, { clientId, apiId, address: channel });
  const found = all.filter((one) => subscriptionId === null || one.subscriptionId === subscriptionId);
  if (found.length === 0) return NOT_SUBSCRIBED;
  if (!found.some(({ isAllowed }) => isAllowed)) return NOT_ALLOWED;
  const pulled = found.filter(({ hasEndpoint }) => !hasEndpoint);
  if (pulled.length === 0) return HAS_ENDPOINT;
  const active = pulled.find(({ status }) => status === "active");
  return active ? ok(active) : NOT_ACTIVE;
}

class LogSource implements EventSource {
  readonly #deps: SourceDeps;
  readonly #request: SourceRequest;
  #channel: PulledChannel;
  #lookedMs: number;
  /** Whose turn it is to be asked first. */
  #turn = 0;

  constructor(deps: SourceDeps, request: SourceRequest, channel: PulledChannel) {
    this.#deps = deps;
    // A link stays with its subscription.
    this.#request = { ...request, subscriptionId: channel.subscriptionId };
    this.#channel = channel;
    this.#lookedMs = deps.clock.now();
  }

  async lease(max: number): Promise<Leased> {
    const ended = await this.#lookAgain(AMQP_LOOK_AGAIN_MS);
    if (ended) return { kind: "ended", error: ended };
    const { logs } = this.#channel;
    const first = this.#turn++;
    let retryMs = AMQP_POLL_MS;
    for (const [i] of logs.entries()) {
      const log = logs[(first + i) % logs.length] as string;
      const answer = await this.#ask(log, max);
      if (answer.kind === "lease" && answer.lease.items.length > 0) return toEvents(log, answer.lease);
      if (answer.kind === "nothing" && answer.retryMs !== null) retryMs = Math.min(retryMs, answer.retryMs);
      // A log that does not know the subscription may be one that has heard of a change before the registry's reader did.
      const reason = answer.kind === "not_found" ? await this.#lookAgain(0) : null;
      if (reason) return { kind: "ended", error: reason };
    }
    return { kind: "nothing", retryMs };
  }

  async settle(events: SettledEvent[]): Promise<boolean> {
    let areHeard = true;
    await this.#forEachLog(
      events,
      ({ leased }) => leased.log,
      async (log, settled) => {
        const outcomes = settled.map(({ leased, outcome }) => ({ eventId: leased.event.id, outcome }));
        const answer = await this.#deps.logs.pullSettle(log, { subscription: this.#channel.subscriptionId, outcomes });
        if (!answer.ok) areHeard = false;
      },
    );
    return areHeard;
  }

  async renew(events: LeasedEvent[]): Promise<void> {
    await this.#forEachLog(
      events,
      ({ log }) => log,
      async (log, held) => {
        const byId = new Map(held.map(({ slot, leaseId }) => [leaseId, { slot, leaseId }]));
        const call = { leases: [...byId.values()], leaseSeconds: AMQP_LEASE_SECONDS };
        await this.#deps.logs.pullRenew(log, { subscription: this.#channel.subscriptionId, ...call });
      },
    );
  }

  onHint(): void {}

  close(): void {}

  /** A log that is silent now may have something later. */
  async #ask(log: string, max: number): Promise<PullAnswer> {
    this.#deps.count(1);
    const subscription = this.#channel.subscriptionId;
    const call = { subscription, max, leaseSeconds: AMQP_LEASE_SECONDS, nonce: newId() };
    const answer = await this.#deps.logs.pullLease(log, call);
    return answer.ok ? answer.value : { kind: "nothing", retryMs: null };
  }

  /** Credentials are withdrawn, subscriptions end, channels get more logs: none of it reaches a link by itself. */
  async #lookAgain(ageMs: number): Promise<AmqpError | null> {
    const nowMs = this.#deps.clock.now();
    if (nowMs - this.#lookedMs < ageMs) return null;
    this.#lookedMs = nowMs;
    const found = await findChannel(this.#deps, this.#request);
    if (!found.ok) return found.error;
    this.#channel = found.value;
    return null;
  }

  async #forEachLog<T>(
    items: T[],
    logOf: (item: T) => string,
    work: (log: string, items: T[]) => Promise<void>,
  ): Promise<void> {
    const byLog = [...Map.groupBy(items, logOf)];
    this.#deps.count(byLog.length);
    await forEachBounded(byLog, ([log, group]) => work(log, group));
  }
}

function toEvents(log: string, lease: Extract<PullAnswer, { kind: "lease" }>["lease"]): Leased {
  const { slot, leaseId } = lease;
  const events = lease.items.flatMap(({ key, attempt, events }) =>
    events.map((event, i) => ({ log, slot, leaseId, key, event, attemptsBefore: i === 0 ? attempt - 1 : 0 })),
  );
  return { kind: "events", events };
}

const NOT_SUBSCRIBED = err(
  amqpError(
    "amqp:not-found",
    "The app subscribes to no such channel. One with parameters is named as its address is written.",
  ),
);
const NOT_ALLOWED = err(amqpError("amqp:unauthorized-access", "These credentials are limited to other channels."));
const HAS_ENDPOINT = err(amqpError("amqp:not-allowed", "The subscription has an endpoint: its events go there."));
const NOT_ACTIVE = err(amqpError("amqp:not-allowed", "The subscription is not active."));
