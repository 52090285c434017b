import type { Delivery, Receiver } from "rhea";
import { AMQP_SENDER_CREDIT } from "../../kernel/limits.ts";
import type { Later, Publish, PublishedMessage } from "./ports.ts";
import { readMessage } from "./published-message.ts";

type LinkEnds = {
  later: Later;
  /** So many bytes are not under way any more. */
  give(bytes: number): void;
};

/**
 * A link that a client publishes over: a message is accepted once the event is durable. Those of a key are published in their
 * order, each after the one before it has been answered; others side by side.
 */
export class PublisherLink {
  readonly #receiver: Receiver;
  readonly #publish: Publish;
  readonly #ends: LinkEnds;
  /** What the last message of each key waits for. */
  readonly #keys = new Map<string, Promise<void>>();
  readonly #underWay = new Set<Promise<void>>();
  #hasEnded = false;
  /** Of the message that is coming. */
  #partBytes = 0;

  constructor(receiver: Receiver, publish: Publish, ends: LinkEnds) {
    this.#receiver = receiver;
    this.#publish = publish;
    this.#ends = ends;
    receiver.on("message", ({ delivery, message }) => this.#take(delivery as Delivery, message as unknown as Buffer));
    receiver.add_credit(AMQP_SENDER_CREDIT);
  }

  /** Counts bytes of the message that is coming; answers how many it has. */
  take(bytes: number): number {
    this.#partBytes += bytes;
    return this.#partBytes;
  }

  /** Resolves when what was taken is published, or was refused. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#ends.give(this.#partBytes);
    await Promise.all(this.#underWay);
  }

  #take(delivery: Delivery, encoded: Buffer): void {
    const bytes = this.#partBytes;
    this.#partBytes = 0;
    if (this.#hasEnded) return;
    const message = readMessage(encoded);
    if (!message.ok) {
      delivery.reject(message.error);
      this.#makeRoom(bytes, 0);
      return;
    }
    const { partitionKey } = message.value;
    const before = partitionKey === null ? undefined : this.#keys.get(partitionKey);
    const work = this.#submit(delivery, message.value, before).then((waitMs) => this.#makeRoom(bytes, waitMs));
    if (partitionKey !== null) this.#keys.set(partitionKey, work);
    this.#underWay.add(work);
    void work.finally(() => {
      this.#underWay.delete(work);
      if (partitionKey !== null && this.#keys.get(partitionKey) === work) this.#keys.delete(partitionKey);
    });
  }

  /** Answers how long the client should wait before it sends another. */
  async #submit(delivery: Delivery, message: PublishedMessage, before: Promise<void> | undefined): Promise<number> {
    await before;
    const published = await this.#publish(message);
    if (published.ok) {
      delivery.accept();
      return 0;
    }
    const { error, retryAfterMs } = published.error;
    if (retryAfterMs === null) delivery.reject(error);
    else delivery.release();
    return retryAfterMs ?? 0;
  }

  #makeRoom(bytes: number, waitMs: number): void {
    this.#ends.give(bytes);
    const grant = (): void => {
      if (!this.#hasEnded) this.#receiver.add_credit(1);
    };
    if (waitMs === 0) grant();
    else this.#ends.later(grant, waitMs);
  }
}
