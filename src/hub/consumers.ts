import { type Place, readCursor, writeCursor } from "../domain/stream-cursor.ts";
import { ACK_SAVE_MS, CONSUMER_EXPIRY_SECONDS_MAX, CONSUMERS_PER_HUB_MAX } from "../kernel/limits.ts";
import { type Consumer, ConsumerStore } from "./consumer-store.ts";
import type { Listener } from "./listener.ts";

/** The named consumers of a hub, and those of them that are connected: their acknowledgements are written down soon, many at once. */
export class Consumers {
  readonly #store: ConsumerStore;
  readonly #nowMs: () => number;
  readonly #unsaved = new Map<Listener, Set<number>>();
  #isSaving = false;

  constructor(sql: SqlStorage, nowMs: () => number) {
    this.#store = new ConsumerStore(sql);
    this.#nowMs = nowMs;
  }

  get isFull(): boolean {
    return this.#store.count() >= CONSUMERS_PER_HUB_MAX;
  }

  find(name: string): Consumer | null {
    return this.#store.find(name);
  }

  /** Its places have changed. `left`: numbers of topics that it listens to no longer. */
  note(listener: Listener, left: ReadonlySet<number> = new Set()): void {
    if (listener.about.consumer === null) return;
    this.#unsaved.set(listener, new Set([...(this.#unsaved.get(listener) ?? []), ...left]));
    if (this.#isSaving) return;
    this.#isSaving = true;
    setTimeout(() => {
      this.#isSaving = false;
      for (const waiting of this.#unsaved.keys()) this.#save(waiting, {});
    }, ACK_SAVE_MS);
  }

  /** What its adapter says of it. */
  keep(listener: Listener, state: string, expirySeconds: number): void {
    this.#save(listener, { state, expirySeconds: Math.min(expirySeconds, CONSUMER_EXPIRY_SECONDS_MAX) });
  }

  /** The connection is over: from now on its time runs. */
  end(listener: Listener): void {
    this.#save(listener, {});
  }

  forget(name: string): void {
    this.#store.forget(name);
  }

  /** Forgets those whose time has run out since they were used last; `present` are being used. */
  dropExpired(present: Iterable<Listener>): void {
    this.#store.dropExpired(this.#nowMs(), new Set([...present].flatMap(({ about }) => about.consumer ?? [])));
  }

  #save(listener: Listener, change: Partial<Consumer>): void {
    const { consumer: name } = listener.about;
    if (name === null) return;
    const left = this.#unsaved.get(listener) ?? new Set<number>();
    this.#unsaved.delete(listener);
    const known = this.#store.find(name);
    // An adapter's consumer is there from its first `keep` on, and until it is forgotten.
    if (listener.about.form === "link" && known === null && change.state === undefined) return;
    const cursor = mergeCursors(known?.cursor ?? "", listener.ackedCursor, left);
    const kept = known ?? { name, cursor, state: "", expirySeconds: CONSUMER_EXPIRY_SECONDS_MAX };
    this.#store.save({ ...kept, cursor, ...change }, this.#nowMs());
  }
}

/** The newer places, and the older ones of topics that it has not come back to yet. */
function mergeCursors(older: string, newer: string, left: ReadonlySet<number>): string {
  const places = new Map<string, Place>();
  for (const place of [...(readCursor(older) ?? []), ...(readCursor(newer) ?? [])]) {
    if (!left.has(place.topicNumber)) places.set(`${place.topicNumber}/${place.shard}`, place);
  }
  return writeCursor([...places.values()]);
}
