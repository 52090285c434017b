import { AMQP_SENT_BYTES_MAX } from "../../kernel/limits.ts";

/**
 * How much a connection has sent that nobody has taken yet: a socket of a Worker does not say how full it is, so that only what
 * the client says tells that it reads.
 */
export class SendBudget {
  #unsettledBytes = 0;
  /** Sent settled, since the client has said anything. */
  #unheardBytes = 0;

  get hasRoom(): boolean {
    return this.#unsettledBytes + this.#unheardBytes < AMQP_SENT_BYTES_MAX;
  }

  addUnsettled(bytes: number): void {
    this.#unsettledBytes += bytes;
  }

  settle(bytes: number): void {
    this.#unsettledBytes -= bytes;
  }

  addSettled(bytes: number): void {
    this.#unheardBytes += bytes;
  }

  heard(): void {
    this.#unheardBytes = 0;
  }
}
