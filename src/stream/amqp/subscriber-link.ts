import type { Delivery, Sender } from "rhea";
import type { PullOutcome } from "../../domain/pull.ts";
import {
  AMQP_RENEW_MS,
  AMQP_SENT_UNSETTLED_MAX,
  AMQP_SETTLE_RETRY_MS,
  AMQP_SETTLE_TRIES_MAX,
} from "../../kernel/limits.ts";
import type { AmqpError } from "./errors.ts";
import { toMessage } from "./event-message.ts";
import type { EventSource, Later, LeasedEvent } from "./ports.ts";
import { creditOf, deliveryCount, deliveryLimit, drainCredit, forgetBytes, isDraining } from "./rhea-inside.ts";
import type { SendBudget } from "./send-budget.ts";

type LinkEnds = { later: Later; budget: SendBudget; close(error: AmqpError): void };

/** `delivery` is null where the client does not say what becomes of it, or has never seen it. */
type Concluded = { leased: LeasedEvent; outcome: PullOutcome; delivery: Delivery | null };

/**
 * A link that a client receives over: what it has credit for is leased from the subscription's logs and sent, and what becomes of
 * it settles the lease. Nothing is leased ahead of the credit, so that it is free for the subscription's other consumers.
 */
export class SubscriberLink {
  readonly #sender: Sender;
  readonly #source: EventSource;
  readonly #ends: LinkEnds;
  readonly #isSentSettled: boolean;
  readonly #ready: LeasedEvent[] = [];
  readonly #out = new Map<Delivery, LeasedEvent>();
  #concluded: Concluded[] = [];
  #settling: Promise<void> | null = null;
  #asking: Promise<void> | null = null;
  #isHinted = false;
  #hasEnded = false;
  /** Deliveries that were given to rhea, and those that a drain has counted as sent. */
  #sentCount = 0;
  #stopNap = (): void => {};
  #stopRenewing = (): void => {};

  constructor(sender: Sender, source: EventSource, ends: LinkEnds) {
    this.#sender = sender;
    this.#source = source;
    this.#ends = ends;
    this.#isSentSettled = sender.snd_settle_mode === SETTLED;
    sender.on("sender_flow", () => this.pump());
    sender.on("accepted", ({ delivery }) => this.#conclude(delivery, "delivered"));
    sender.on("released", ({ delivery }) => this.#conclude(delivery, "released"));
    sender.on("rejected", ({ delivery }) => this.#conclude(delivery, "failed"));
    sender.on("modified", ({ delivery }) => this.#conclude(delivery, outcomeOfModified(delivery)));
    // Settled without an outcome: the client has let go of it.
    sender.on("settled", ({ delivery }) => this.#conclude(delivery, "released"));
    source.onHint(() => this.#hear());
    this.#renewLater();
    this.pump();
  }

  /** Sends what may be sent, and asks for more where there is nothing. */
  pump(): void {
    if (this.#hasEnded) return;
    while (this.#ready.length > 0 && this.#maySend() > 0 && this.#sender.sendable()) {
      this.#send(this.#ready.shift() as LeasedEvent);
    }
    if (this.#ready.length === 0) this.#ask();
    // The client has taken its credit back.
    else if (creditOf(this.#sender) === 0) this.#giveBack(this.#ready.splice(0));
  }

  /** Gives back what the client has not settled. Resolves when the logs know. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#stopNap();
    this.#stopRenewing();
    await this.#asking;
    for (const leased of this.#out.values()) this.#ends.budget.settle(leased.event.body.length);
    this.#giveBack([...this.#out.values(), ...this.#ready.splice(0)]);
    this.#out.clear();
    await this.#settling;
    this.#source.close();
  }

  #maySend(): number {
    const granted = deliveryLimit(this.#sender) - this.#sentCount;
    return Math.min(granted, AMQP_SENT_UNSETTLED_MAX - this.#out.size);
  }

  #send(leased: LeasedEvent): void {
    const { budget } = this.#ends;
    const delivery = this.#sender.send(toMessage(leased));
    this.#sentCount++;
    if (this.#isSentSettled) {
      budget.addSettled(leased.event.body.length);
      this.#addConcluded([{ leased, outcome: "delivered", delivery: null }]);
    } else {
      budget.addUnsettled(leased.event.body.length);
      this.#out.set(delivery, leased);
    }
  }

  #ask(): void {
    const max = this.#maySend();
    if (this.#asking || max <= 0 || !this.#ends.budget.hasRoom || !this.#sender.is_open()) return;
    this.#stopNap();
    this.#isHinted = false;
    this.#asking = this.#lease(max);
  }

  async #lease(max: number): Promise<void> {
    // rhea sends what it was given in a turn of its own, and a drain is answered behind that.
    if (isDraining(this.#sender)) await new Promise<void>((resolve) => this.#ends.later(resolve, 0));
    const leased = await this.#source.lease(max);
    this.#asking = null;
    switch (leased.kind) {
      case "events":
        if (this.#hasEnded) this.#giveBack(leased.events);
        else this.#ready.push(...leased.events);
        this.pump();
        break;
      case "nothing":
        this.#waitForEvents(leased.retryMs);
        break;
      case "ended":
        if (!this.#hasEnded) this.#ends.close(leased.error);
    }
  }

  #waitForEvents(retryMs: number): void {
    if (this.#hasEnded) return;
    // Only once rhea has sent all that it was given: it would wait for credit again.
    const isDrained = isDraining(this.#sender) && deliveryCount(this.#sender) === this.#sentCount;
    if (this.#isHinted) this.pump();
    else if (!isDrained) this.#stopNap = this.#ends.later(() => this.pump(), retryMs);
    else {
      drainCredit(this.#sender);
      this.#sentCount = deliveryLimit(this.#sender);
    }
  }

  #hear(): void {
    this.#isHinted = true;
    this.pump();
  }

  #conclude(delivery: Delivery | undefined, outcome: PullOutcome): void {
    const leased = delivery && this.#out.get(delivery);
    if (!leased) return;
    this.#out.delete(delivery);
    this.#ends.budget.settle(leased.event.body.length);
    forgetBytes(delivery);
    this.#addConcluded([{ leased, outcome, delivery }]);
    if (outcome !== "delivered") this.#giveBackKey(leased);
  }

  /** What stands behind an event that was not delivered is given back with it. */
  #giveBackKey({ log, key }: LeasedEvent): void {
    const others = this.#ready.filter((leased) => leased.log !== log || leased.key !== key);
    this.#ready.splice(0, this.#ready.length, ...others);
  }

  #giveBack(events: LeasedEvent[]): void {
    this.#addConcluded(events.map((leased) => ({ leased, outcome: "released", delivery: null })));
  }

  #addConcluded(concluded: Concluded[]): void {
    this.#concluded.push(...concluded);
    if (this.#concluded.length > 0) this.#settling ??= this.#settleAll();
  }

  /** One call at a time; what is concluded meanwhile goes with the next. */
  async #settleAll(): Promise<void> {
    // What the client settles in one frame comes in one tick.
    await Promise.resolve();
    while (this.#concluded.length > 0) {
      const concluded = this.#concluded;
      this.#concluded = [];
      await this.#settle(concluded);
      for (const { delivery } of concluded) delivery?.update(true);
    }
    this.#settling = null;
    this.pump();
  }

  /** What cannot be settled comes again when its lease has expired. */
  async #settle(concluded: Concluded[]): Promise<void> {
    for (let i = 1; !(await this.#source.settle(concluded)); i++) {
      if (i === AMQP_SETTLE_TRIES_MAX || this.#hasEnded) return;
      await new Promise<void>((resolve) => this.#ends.later(resolve, AMQP_SETTLE_RETRY_MS));
    }
  }

  #renewLater(): void {
    this.#stopRenewing = this.#ends.later(() => void this.#renew(), AMQP_RENEW_MS);
  }

  async #renew(): Promise<void> {
    const held = [...this.#out.values(), ...this.#ready];
    if (held.length > 0) await this.#source.renew(held);
    if (!this.#hasEnded) this.#renewLater();
  }
}

const SETTLED = 1; // snd-settle-mode, AMQP 1.0 §2.8.2

/** §3.4.5: the client says itself whether that was an attempt. */
function outcomeOfModified(delivery: Delivery | undefined): PullOutcome {
  const { delivery_failed: hasFailed, undeliverable_here: isHopeless } = delivery?.remote_state ?? {};
  return hasFailed || isHopeless ? "failed" : "released";
}
