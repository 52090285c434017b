import type { Wake } from "../../src/domain/delivery.ts";
import type { WakeToSend } from "../../src/topic/store/platform.ts";
import type { Chaos } from "./chaos.ts";
import type { Scheduler } from "./scheduler.ts";

const BATCH_MS = 20;

export type ArrivedWake = { wake: Wake; attempts: number };

/** The queue between the log and its consumers: it loses, doubles, delays and purges wakes, and hands them on in batches. */
export class WakeQueue {
  sent = 0;
  readonly #time: Scheduler;
  readonly #chaos: Chaos;
  readonly #serve: (batch: ArrivedWake[]) => void;
  #purges = 0;
  #arrived: ArrivedWake[] = [];

  constructor(time: Scheduler, chaos: Chaos, serve: (batch: ArrivedWake[]) => void) {
    this.#time = time;
    this.#chaos = chaos;
    this.#serve = serve;
  }

  send({ wake, delaySeconds }: WakeToSend, attempts = 1): void {
    const chaos = this.#chaos;
    this.sent++;
    if (chaos.fault(0.05)) return;
    const purges = this.#purges;
    for (let copies = chaos.fault(0.08) ? 2 : 1; copies > 0; copies--) {
      const lateMs = chaos.fault(0.1) ? chaos.int(1, 40_000) : chaos.int(1, 300);
      this.#time.at(this.#time.nowMs + delaySeconds * 1000 + lateMs, () => {
        if (purges === this.#purges) this.#arrive({ wake, attempts });
      });
    }
  }

  /** Loses all that is under way. */
  purge(): void {
    this.#purges++;
  }

  /** Wakes that arrive together are served in one queue() call. */
  #arrive(arrived: ArrivedWake): void {
    this.#arrived.push(arrived);
    if (this.#arrived.length > 1) return;
    this.#time.at(this.#time.nowMs + BATCH_MS, () => {
      const batch = this.#arrived;
      this.#arrived = [];
      this.#serve(batch);
    });
  }
}
