import { keepNewest } from "../kernel/bounded-map.ts";
import { TOKEN_CACHE_ENTRIES_MAX } from "../kernel/limits.ts";

export type TokenOwner = { clientId: string; kind: "publisher" | "app"; expiresMs: number };
export type VerifiedToken = TokenOwner & { kid: string };

/** The tokens whose signature this isolate has checked already. Holds genuine tokens only, so nobody can fill it with noise. */
export class VerifiedTokens {
  readonly #entries = new Map<string, VerifiedToken>();

  get(token: string): VerifiedToken | undefined {
    const entry = this.#entries.get(token);
    if (!entry) return undefined;
    // A token in use is the last to be pushed out.
    this.put(token, entry);
    return entry;
  }

  put(token: string, entry: VerifiedToken): void {
    keepNewest(this.#entries, token, entry, TOKEN_CACHE_ENTRIES_MAX);
  }

  forget(token: string): void {
    this.#entries.delete(token);
  }

  get size(): number {
    return this.#entries.size;
  }
}
