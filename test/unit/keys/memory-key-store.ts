import type { Clock } from "../../../src/kernel/clock.ts";
import type { KeyStore, NewKey, StoredKey } from "../../../src/registry/key-store.ts";
import type { PrivateJwk, PublicJwk } from "../../../src/registry/signing-keys.ts";

/** Long past, so that whatever looks at the real time by mistake finds every token expired. */
export const START_MS = Date.UTC(2020, 0, 1);
export const HOUR_MS = 3600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A clock that stands still until it is told to go on. */
export class HeldClock implements Clock {
  nowMs = START_MS;
  now(): number {
    return this.nowMs;
  }
  advance(ms: number): void {
    this.nowMs += ms;
  }
}

/** The key store's contract without D1: it counts its reads, and can be made to fail. "Sealed" is plain JSON here. */
export class MemoryKeyStore<Public extends { kid: string } = PublicJwk, Private = PrivateJwk>
  implements KeyStore<Public, Private>
{
  readonly #keys: StoredKey<Public>[] = [];
  reads = 0;
  failing = false;

  async list(): Promise<StoredKey<Public>[]> {
    this.reads++;
    if (this.failing) throw new Error("the registry is away");
    return this.#keys.toSorted((a, b) => b.generation - a.generation);
  }

  async add({ privateJwk, ...key }: NewKey<Public, Private>): Promise<boolean> {
    if (this.failing) throw new Error("the registry is away");
    if (this.#keys.some(({ generation }) => generation === key.generation)) return false;
    this.#keys.push({ ...key, sealedPrivateJwk: JSON.stringify(privateJwk) });
    return true;
  }

  async removeOlderThan(generation: number): Promise<number> {
    const kept = this.#keys.filter((key) => key.generation >= generation);
    const removed = this.#keys.length - kept.length;
    this.#keys.splice(0, Number.POSITIVE_INFINITY, ...kept);
    return removed;
  }

  async openPrivateKey(key: StoredKey<Public>): Promise<Private> {
    return JSON.parse(key.sealedPrivateJwk);
  }

  /** What an operator does by hand when a key has leaked. */
  withdraw(kid: string): void {
    const at = this.#keys.findIndex(({ publicJwk }) => publicJwk.kid === kid);
    this.#keys.splice(at, 1);
  }
}

/** Takes a value that the test expects to be there. */
export function expectValue<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(`expected a value, got ${JSON.stringify(result.error)}`);
  return result.value;
}
