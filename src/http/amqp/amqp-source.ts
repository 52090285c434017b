import type { PullAnswer, PullLeaseRef } from "../../domain/pull.ts";
import type { Clock } from "../../kernel/clock.ts";
import { newId } from "../../kernel/ids.ts";
import {
  AMQP_LEASE_SECONDS,
  AMQP_LOOK_AGAIN_MS,
  AMQP_POLL_MS_MAX,
  AMQP_POLL_MS_MIN,
  PULL_RENEWED_MAX,
  PULL_SETTLED_MAX,
} from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { PulledChannel } from "../../registry/pulled-channels.ts";
import { type AmqpError, amqpError } from "../../stream/amqp/errors.ts";
import type { EventSource, Leased, LeasedEvent, SettledEvent, SourceRequest } from "../../stream/amqp/ports.ts";
import type { LogControls } from "../../topic/client.ts";
import { forEachBounded } from "../bounded.ts";
import type { OpenHints } from "./amqp-hints.ts";

/** What a source asks. */
export type SourceDeps = {
  /** The app's subscriptions to a channel, as `listPulledChannels` has them; null: the registry does not answer. */
  listChannels(apiId: string, address: string): Promise<PulledChannel[] | null>;
  logs: Pick<LogControls, "pullLease" | "pullSettle" | "pullRenew">;
  openHints: OpenHints;
  clock: Clock;
  /** Counts calls: an invocation of a Worker may not make any number of them. */
  count(calls: number): void;
};

type SharedRequest = Omit<SourceRequest, "from">;

/** Opens what a client asks to receive from: the logs of a channel that its app subscribes to without an endpoint. */
export async function openEventSource(
  deps: SourceDeps,
  request: SharedRequest,
): Promise<Result<EventSource, AmqpError>> {
  const channel = await findChannel(deps, request);
  if (!channel.ok) return channel;
  const source = new LogSource(deps, request, channel.value);
  void source.listen();
  return ok(source);
}

async function findChannel(
  { listChannels, count }: SourceDeps,
  { apiId, channel, subscriptionId }: SharedRequest,
): Promise<Result<PulledChannel, AmqpError>> {
  count(1);
  const all = await listChannels(apiId, channel);
  if (!all) return UNKNOWN;
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
  readonly #request: SharedRequest;
  #channel: PulledChannel;
  #lookedMs: number;
  /** Whose turn it is to be asked first. */
  #turn = 0;
  #pollMs = AMQP_POLL_MS_MIN;
  #hints: { close(): void } | null = null;
  #hear = (): void => {};
  #isClosed = false;

  constructor(deps: SourceDeps, request: SharedRequest, channel: PulledChannel) {
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
    let retryMs = Number.POSITIVE_INFINITY;
    for (const i of logs.keys()) {
      const log = logs[(first + i) % logs.length] as string;
      const answer = await this.#ask(log, max);
      if (answer.kind === "lease" && answer.lease.items.length > 0) {
        this.#pollMs = AMQP_POLL_MS_MIN;
        return toEvents(log, answer.lease);
      }
      if (answer.kind === "nothing" && answer.retryMs !== null) retryMs = Math.min(retryMs, answer.retryMs);
      // It may have heard of a change that this link has not, or not have heard yet.
      const reason = answer.kind === "not_found" ? await this.#lookAgain(0) : null;
      if (reason) return { kind: "ended", error: reason };
    }
    return { kind: "nothing", retryMs: Math.min(retryMs, this.#nextPollMs()) };
  }

  async settle(events: SettledEvent[]): Promise<boolean> {
    const { subscriptionId: subscription } = this.#channel;
    let areHeard = true;
    const byLog = Map.groupBy(events, ({ leased }) => leased.log);
    await this.#callEach(byLog, PULL_SETTLED_MAX, async (log, settled) => {
      const outcomes = settled.map(({ leased, outcome }) => ({ eventId: leased.event.id, outcome }));
      const leases = leasesOf(settled.map(({ leased }) => leased));
      const answer = await this.#deps.logs.pullSettle(log, { subscription, outcomes, leases });
      if (!answer.ok) areHeard = false;
    });
    return areHeard;
  }

  async renew(events: LeasedEvent[]): Promise<void> {
    const { subscriptionId: subscription } = this.#channel;
    const byLog = Map.groupBy(events, ({ log }) => log);
    const held = new Map([...byLog].map(([log, ofLog]) => [log, leasesOf(ofLog)]));
    await this.#callEach(held, PULL_RENEWED_MAX, async (log, leases) => {
      await this.#deps.logs.pullRenew(log, { subscription, leases, leaseSeconds: AMQP_LEASE_SECONDS });
    });
  }

  onHint(call: () => void): void {
    this.#hear = call;
  }

  close(): void {
    this.#isClosed = true;
    this.#hints?.close();
  }

  /** Has a hub tell of new events. Without it they are found a second later. */
  async listen(): Promise<void> {
    this.#deps.count(1);
    const hints = await this.#deps.openHints(this.#request.apiId, this.#channel, {
      hear: () => {
        this.#pollMs = AMQP_POLL_MS_MIN;
        this.#hear();
      },
      lose: () => {
        this.#hints = null;
      },
    });
    if (this.#isClosed) hints?.close();
    else this.#hints = hints;
  }

  #nextPollMs(): number {
    const pollMs = this.#pollMs;
    this.#pollMs = this.#hints ? Math.min(2 * pollMs, AMQP_POLL_MS_MAX) : AMQP_POLL_MS_MIN;
    return pollMs;
  }

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
    if (found === UNKNOWN) return null;
    if (!found.ok) return found.error;
    this.#channel = found.value;
    if (!this.#hints) void this.listen();
    return null;
  }

  async #callEach<T>(
    byLog: Map<string, T[]>,
    itemsMax: number,
    call: (log: string, items: T[]) => Promise<void>,
  ): Promise<void> {
    const calls = [...byLog].flatMap(([log, items]) =>
      Array.from({ length: Math.ceil(items.length / itemsMax) }, (_, i) => ({
        log,
        items: items.slice(i * itemsMax, (i + 1) * itemsMax),
      })),
    );
    this.#deps.count(calls.length);
    await forEachBounded(calls, ({ log, items }) => call(log, items));
  }
}

function toEvents(log: string, lease: Extract<PullAnswer, { kind: "lease" }>["lease"]): Leased {
  const { slot, leaseId } = lease;
  const events = lease.items.flatMap(({ key, attempt, events }) =>
    events.map((event, i) => ({
      ...{ log, slot, leaseId, key },
      event: { ...event, offset: null },
      attemptsBefore: i === 0 ? attempt - 1 : 0,
    })),
  );
  return { kind: "events", events };
}

const UNKNOWN = err(amqpError("amqp:internal-error", "The subscription cannot be looked up now. Attach again."));
const NOT_SUBSCRIBED = err(
  amqpError(
    "amqp:not-found",
    "The app subscribes to no such channel. One with parameters is named as its address is written.",
  ),
);
const NOT_ALLOWED = err(amqpError("amqp:unauthorized-access", "These credentials are limited to other channels."));
const HAS_ENDPOINT = err(amqpError("amqp:not-allowed", "The subscription has an endpoint: its events go there."));
const NOT_ACTIVE = err(amqpError("amqp:not-allowed", "The subscription is not active."));

/** The leases that hold these events of one log, each once. */
const leasesOf = (events: LeasedEvent[]): PullLeaseRef[] => [
  ...new Map(events.map(({ slot, leaseId }) => [`${slot}/${leaseId}`, { slot, leaseId }])).values(),
];
