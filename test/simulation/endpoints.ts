import type { AttemptResult } from "../../src/domain/delivery.ts";
import type { StoredEvent } from "../../src/domain/event.ts";
import type { Chaos } from "./chaos.ts";
import { attemptResult, type Oracle, type Watched } from "./receiver.ts";
import type { Scheduler } from "./scheduler.ts";
import { ATTEMPT_TIMEOUT_MS, type Subscribers } from "./subscribers.ts";

const STALL_MS_MAX = 5_000; // a consumer that stalls between its check and its send; order holds up to the margin (10 s)

type EndpointsParts = {
  time: Scheduler;
  chaos: Chaos;
  oracle: Oracle;
  subscribers: Subscribers;
  /** They take seconds for everything. */
  isSlow: boolean;
};

/** The subscribers' endpoints: what each POST meets and how long it takes, told to the oracle as a receiver sees it. */
export class Endpoints {
  attempts = 0;
  repeats = 0;
  readonly #time: Scheduler;
  readonly #chaos: Chaos;
  readonly #oracle: Oracle;
  readonly #subscribers: Subscribers;
  readonly #isSlow: boolean;
  #sickKey: string | null = "k1";

  constructor({ time, chaos, oracle, subscribers, isSlow }: EndpointsParts) {
    this.#time = time;
    this.#chaos = chaos;
    this.#oracle = oracle;
    this.#subscribers = subscribers;
    this.#isSlow = isSlow;
  }

  /** From now on, until it is calm, most attempts with this key fail. */
  sicken(key: string | null): void {
    this.#sickKey = key;
  }

  async attempt(w: Watched, event: StoredEvent, epoch: number): Promise<AttemptResult> {
    const [time, chaos, oracle] = [this.#time, this.#chaos, this.#oracle];
    if (chaos.fault(0.05)) await time.sleep(chaos.int(1, STALL_MS_MAX));
    this.attempts++;
    if (w.delivered.get(epoch)?.has(event.seq)) this.repeats++;
    this.#subscribers.excuseDead(w);
    const end = oracle.begin(w, event, epoch);
    const isTimeout = chaos.fault(0.06);
    const isSick = !chaos.isCalm && event.partitionKey === this.#sickKey && chaos.chance(0.6);
    const isGood = !isTimeout && !isSick && !chaos.fault(0.08);
    const ms = isTimeout ? ATTEMPT_TIMEOUT_MS : this.#answerMs();
    time.at(time.nowMs + ms, end); // the POST ends whether or not the consumer lives
    await time.sleep(ms);
    if (isGood) oracle.delivered(w, event.seq, epoch);
    const retryAfterSeconds = !isGood && !isTimeout && chaos.fault(0.1) ? chaos.int(1, 20) : null;
    return attemptResult(isGood, ms, retryAfterSeconds);
  }

  #answerMs(): number {
    const chaos = this.#chaos;
    if (this.#isSlow && !chaos.isCalm) return chaos.int(2_000, 14_000);
    return chaos.fault(0.1) ? chaos.int(1, ATTEMPT_TIMEOUT_MS - 1) : chaos.int(2, 200);
  }
}
