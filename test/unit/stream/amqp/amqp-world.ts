import rhea, { type Connection, type ConnectionOptions } from "rhea";
import type { StoredEvent } from "../../../../src/domain/event.ts";
import { utf8Bytes } from "../../../../src/kernel/encoding.ts";
import { ok } from "../../../../src/kernel/result.ts";
import { AmqpConnection, type AmqpPorts } from "../../../../src/stream/amqp/connection.ts";
import type {
  EventSource,
  Leased,
  LeasedEvent,
  PublishedMessage,
  SettledEvent,
} from "../../../../src/stream/amqp/ports.ts";

type WorldOptions = Partial<AmqpPorts> & { log?: FakeLog; cutAfter?: number };

/**
 * A client of rhea's and the relay's side of AMQP, with nothing between them but a cable that carries chunks of bytes in turn. What
 * stands behind the relay's side is a log in memory.
 */
export class AmqpWorld {
  readonly log: FakeLog;
  readonly published: PublishedMessage[] = [];
  readonly timers = new FakeTimers();
  readonly server: AmqpConnection;
  /** What the relay's side has sent. */
  readonly sent: Uint8Array[] = [];
  isCut = false;
  #deliver: ((bytes: Uint8Array) => void) | null = null;
  #hangUp: (() => void) | null = null;

  /** Chunks that the cable carries before it is cut, in both directions. */
  #chunksLeft: number;

  constructor({ log = new FakeLog(), cutAfter = Number.POSITIVE_INFINITY, ...ports }: WorldOptions = {}) {
    this.log = log;
    this.#chunksLeft = cutAfter;
    this.server = new AmqpConnection({
      send: (bytes) => {
        const copy = Uint8Array.from(bytes);
        this.sent.push(copy);
        setImmediate(() => this.#carry(() => this.#deliver?.(copy)));
      },
      // Behind what is on its way.
      hangUp: () => setImmediate(() => this.cut()),
      later: (run, ms) => this.timers.later(run, ms),
      authenticate: async (user, password) => (user === "key" && password === "secret" ? "accepted" : "refused"),
      openSource: async () => ok(this.log.open()),
      openTarget: async () =>
        ok(async (message) => {
          this.published.push(message);
          return ok(null);
        }),
      ...ports,
    });
  }

  /** Ends the cable; the relay's side hears of it. */
  cut(): void {
    if (this.isCut) return;
    this.isCut = true;
    this.#deliver = null;
    this.#hangUp?.();
    void this.server.lost();
  }

  #carry(chunk: () => void): void {
    if (this.isCut) return;
    if (this.#chunksLeft-- > 0) chunk();
    else this.cut();
  }

  connect(options: Record<string, unknown> = {}): Connection {
    const cable = (): unknown => ({
      on: (name: string, hear: (bytes: Buffer) => void) => {
        if (name === "data") this.#deliver = (bytes) => hear(Buffer.from(bytes));
        if (name === "end") this.#hangUp = () => setImmediate(hear as () => void);
      },
      write: (bytes: Uint8Array) => {
        const copy = Uint8Array.from(bytes);
        setImmediate(() => this.#carry(() => this.server.receive(copy)));
      },
      end: () => this.cut(),
      get_id_string: () => "cable",
    });
    const container = rhea.create_container({ id: "client" });
    const connection = container.connect({
      username: "key",
      password: "secret",
      reconnect: false,
      connection_details: () => ({
        host: "",
        port: 0,
        connect: (_port: number, _host: string, _options: unknown, connected: () => void) => {
          setImmediate(connected);
          return cable();
        },
      }),
      ...options,
    } as unknown as ConnectionOptions);
    for (const name of ["disconnected", "connection_error", "error", "receiver_error", "sender_error"]) {
      connection.on(name, () => {});
    }
    return connection;
  }
}

/** Timers that go off when the test says so. */
export class FakeTimers {
  #nowMs = 0;
  readonly #due = new Set<{ atMs: number; run: () => void }>();

  later(run: () => void, ms: number): () => void {
    const timer = { atMs: this.#nowMs + ms, run };
    this.#due.add(timer);
    // What only waits for its turn needs nobody to push it.
    if (ms === 0) setImmediate(() => this.#goOff(timer));
    return () => this.#due.delete(timer);
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const timer of [...this.#due]) if (timer.atMs <= this.#nowMs) this.#goOff(timer);
  }

  #goOff(timer: { run: () => void }): void {
    if (this.#due.delete(timer as never)) timer.run();
  }
}

/** One log that leases as the real ones do: a key that somebody holds is nobody else's. */
export class FakeLog {
  readonly events: StoredEvent[] = [];
  readonly delivered: string[] = [];
  readonly settled: [string, string][] = [];
  readonly asked: number[] = [];
  readonly renewed: string[][] = [];
  /** Nobody hears when something is published. */
  isMute = false;
  /** So many times it does not hear what became of an event. */
  deafFor = 0;
  readonly #done = new Set<string>();
  readonly #held = new Set<StoredEvent>();
  readonly #attempts = new Map<string, number>();
  readonly #hints = new Set<() => void>();

  publish(body: unknown, partitionKey: string | null = null): string {
    const seq = this.events.length + 1;
    this.events.push(storedEvent({ seq, id: `event-${seq}`, partitionKey, body: utf8Bytes(JSON.stringify(body)) }));
    if (!this.isMute) for (const hint of this.#hints) hint();
    return `event-${seq}`;
  }

  get heldIds(): string[] {
    return [...this.#held].map(({ id }) => id);
  }

  open(): EventSource {
    let hear: (() => void) | null = null;
    return {
      lease: async (max) => this.#lease(max),
      settle: async (events) => this.#settle(events),
      renew: async (events) => {
        this.renewed.push(events.map(({ event }) => event.id));
      },
      onHint: (call) => {
        hear = call;
        this.#hints.add(call);
      },
      close: () => void (hear && this.#hints.delete(hear)),
    };
  }

  #lease(max: number): Leased {
    this.asked.push(max);
    const lockedKeys = new Set([...this.#held].map(({ partitionKey }) => partitionKey));
    const isFree = (event: StoredEvent): boolean =>
      !this.#held.has(event) &&
      !this.#done.has(event.id) &&
      (event.partitionKey === null || !lockedKeys.has(event.partitionKey));
    const events = this.events.filter(isFree).slice(0, max);
    for (const event of events) this.#held.add(event);
    if (events.length === 0) return { kind: "nothing", retryMs: 1_000 };
    return { kind: "events", events: events.map((event) => this.#leased(event)) };
  }

  #leased(event: StoredEvent): LeasedEvent {
    const key = event.partitionKey === null ? `#${event.seq}` : `=${event.partitionKey}`;
    return {
      log: "log/0",
      slot: 1,
      leaseId: 1,
      key,
      event: { ...event, offset: null },
      attemptsBefore: this.#attempts.get(event.id) ?? 0,
    };
  }

  #settle(events: SettledEvent[]): boolean {
    if (this.deafFor-- > 0) return false;
    for (const { leased, outcome } of events) {
      this.settled.push([leased.event.id, outcome]);
      for (const event of this.#held) if (event.id === leased.event.id) this.#held.delete(event);
      if (outcome === "delivered") {
        this.delivered.push(leased.event.id);
        this.#done.add(leased.event.id);
      }
      if (outcome === "failed") this.#attempts.set(leased.event.id, leased.attemptsBefore + 1);
    }
    return true;
  }
}

export const storedEvent = (fields: Partial<StoredEvent>): StoredEvent => ({
  seq: 1,
  id: "event-1",
  channel: "orders",
  partitionKey: null,
  dataOwnerId: null,
  requestId: "request-1",
  originRequestId: null,
  traceparent: null,
  contentType: "application/json",
  cloudEvent: null,
  hops: 0,
  body: utf8Bytes("{}"),
  acceptedMs: 1_700_000_000_000,
  ...fields,
});
