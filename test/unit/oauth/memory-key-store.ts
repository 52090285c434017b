import type { Clock } from "../../../src/kernel/clock.ts";
import { Keyring } from "../../../src/oauth/keys.ts";
import type { TokenDeps } from "../../../src/oauth/tokens.ts";
import { VerifiedTokens } from "../../../src/oauth/verified-tokens.ts";
import {
  type NewSigningKey,
  PrivateJwk,
  type SigningKey,
  type SigningKeyStore,
} from "../../../src/registry/signing-keys.ts";

export const ISSUER = "https://relay.test/oauth2/default";
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
export class MemoryKeyStore implements SigningKeyStore {
  readonly #keys: SigningKey[] = [];
  reads = 0;
  failing = false;

  async list(): Promise<SigningKey[]> {
    this.reads++;
    if (this.failing) throw new Error("the registry is away");
    return this.#keys.toSorted((a, b) => b.generation - a.generation);
  }

  async add({ privateJwk, ...key }: NewSigningKey): Promise<boolean> {
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

  async openPrivateKey(key: SigningKey): Promise<PrivateJwk> {
    return PrivateJwk.parse(JSON.parse(key.sealedPrivateJwk));
  }

  /** What an operator does by hand when a key has leaked. */
  withdraw(kid: string): void {
    const at = this.#keys.findIndex(({ publicJwk }) => publicJwk.kid === kid);
    this.#keys.splice(at, 1);
  }
}

/** A new isolate over the given registry: it remembers nothing. */
export function startIsolate(store: SigningKeyStore, clock: Clock): TokenDeps {
  return { issuer: ISSUER, store, clock, keyring: new Keyring(), verified: new VerifiedTokens() };
}

/** Takes a value that the test expects to be there. */
export function expectValue<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(`expected a value, got ${JSON.stringify(result.error)}`);
  return result.value;
}
