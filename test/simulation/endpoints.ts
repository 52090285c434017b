import type { AttemptResult } from "../../src/domain/delivery.ts";
import type { StoredEvent } from "../../src/domain/event.ts";
import type { Chaos } from "./chaos.ts";
import type { Oracle } from "./oracle.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Watched } from "./watched.ts";

export const ATTEMPT_TIMEOUT_MS = 15_000;
export const STALL_MS_MAX = 5_000; // a consumer that stalls between its check and its send; order holds up to the margin (10 s)

type EndpointsParts = {
  time: Scheduler;
  chaos: Chaos;
  oracle: Oracle;
  excuseDead(w: Watched): void;
  /** They take seconds for everything. */
  isSlow: boolean;
};

/** For whom a lease is, and since when (the run's own time). `isOut`: its events have left the relay, and are with a consumer. */
export type Holder = { w: Watched; leasedMs: number; isOut?: boolean };

/** The subscribers' endpoints: what each POST meets and how long it takes, told to the oracle as a receiver sees it. */
export class Endpoints {
  attempts = 0;
  repeats = 0;
  readonly #time: Scheduler;
  readonly #chaos: Chaos;
  readonly #oracle: Oracle;
  readonly #excuseDead: EndpointsParts["excuseDead"];
  readonly #isSlow: boolean;
  #sickKey: string | null = "k1";

  constructor({ time, chaos, oracle, excuseDead, isSlow }: EndpointsParts) {
    this.#time = time;
    this.#chaos = chaos;
    this.#oracle = oracle;
    this.#excuseDead = excuseDead;
    this.#isSlow = isSlow;
  }

  /** From now on, until it is calm, most attempts with this key fail. */
  sicken(key: string | null): void {
    this.#sickKey = key;
  }

  async attempt({ w, leasedMs, isOut = false }: Holder, event: StoredEvent, epoch: number): Promise<AttemptResult> {
    const [time, chaos, oracle] = [this.#time, this.#chaos, this.#oracle];
    if (chaos.fault(0.05)) await time.sleep(chaos.int(1, STALL_MS_MAX));
    this.attempts++;
    if (w.delivered.get(epoch)?.has(event.seq)) this.repeats++;
    this.#excuseDead(w);
    const end = oracle.begin(w, event, { epoch, leasedMs, isOut });
    const isTimeout = chaos.fault(0.06);
    const isSick = !chaos.isCalm && event.partitionKey === this.#sickKey && chaos.chance(0.6);
    const isGood = !isTimeout && !isSick && !chaos.fault(0.08);
    const ms = isTimeout ? ATTEMPT_TIMEOUT_MS : this.#answerMs();
    time.at(time.nowMs + ms, end); // the POST ends whether or not the consumer lives
    await time.sleep(ms);
    if (isGood) oracle.delivered(w, event.seq, epoch);
    const retryAfterSeconds = !isGood && !isTimeout && chaos.fault(0.1) ? chaos.int(1, 20) : null;
    if (!isGood && !isTimeout && chaos.fault(0.03))
      return { ...attemptResult(false, ms, null), status: 410, gone: true };
    return attemptResult(isGood, ms, retryAfterSeconds);
  }

  #answerMs(): number {
    const chaos = this.#chaos;
    if (this.#isSlow && !chaos.isCalm) return chaos.int(2_000, 14_000);
    return chaos.fault(0.1) ? chaos.int(1, ATTEMPT_TIMEOUT_MS - 1) : chaos.int(2, 200);
  }
}

function attemptResult(delivered: boolean, ms: number, retryAfterSeconds: number | null): AttemptResult {
  return {
    delivered,
    status: delivered ? 200 : retryAfterSeconds === null ? 500 : 429,
    ms,
    error: delivered ? null : "status",
    excerpt: "",
    retryAfterSeconds,
    gone: false,
  };
}
