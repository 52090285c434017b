import { logLine } from "../kernel/log.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { StoredKey } from "../registry/key-store.ts";
import { ensureKeys, type KeyDeps, type KeyKind, pickSigningKey, SIGNING_LEAD_MS } from "./key-rotation.ts";

/** The registry did not answer, or a key in it cannot be opened; the caller may try again. */
export type KeysUnavailable = { reason: "keys_unavailable" };

/** How long an isolate believes what it has read: a leaked key that is deleted from D1 is refused everywhere after this. */
export const KEYS_FRESH_MS = 5 * 60_000;

/** How often an unknown `kid` may cause a read, whoever makes them up; and how long one failed refresh keeps the next away. */
export const RELOAD_PAUSE_MS = 5_000;

/** A half of a key that is named by its thumbprint (RFC 7638). */
type NamedJwk = JsonWebKey & { kid: string };

type KnownKeys<Public> = { keys: StoredKey<Public>[]; publicKeys: Map<string, CryptoKey>; loadedMs: number };

/** A key to sign with. It cannot be taken out of the isolate. */
export type OpenedKey = { kid: string; privateKey: CryptoKey };

async function importPublicKeys<Public extends NamedJwk>(
  algorithm: KeyKind<Public, unknown>["algorithm"],
  keys: readonly StoredKey<Public>[],
): Promise<Map<string, CryptoKey>> {
  const imported = await Promise.all(
    keys.map(async ({ publicJwk }) => {
      const key = await crypto.subtle.importKey("jwk", publicJwk, algorithm, false, ["verify"]);
      return [publicJwk.kid, key] as const;
    }),
  );
  return new Map(imported);
}

/**
 * What one isolate knows of the keys of one kind. It shares keys between requests but never a promise: a request that is cut off takes
 * its reads with it, and whoever waited for one of them would wait for ever.
 */
export class Keyring<Public extends NamedJwk, Private extends JsonWebKey> {
  readonly #kind: KeyKind<Public, Private>;
  #known: KnownKeys<Public> | null = null;
  #opened: OpenedKey | null = null;
  #reloadBegunMs = Number.NEGATIVE_INFINITY;

  constructor(kind: KeyKind<Public, Private>) {
    this.#kind = kind;
  }

  /** The keys to publish, newest first; keys that do not sign yet are among them. */
  async listKeys(deps: KeyDeps<Public, Private>): Promise<Result<StoredKey<Public>[], KeysUnavailable>> {
    const known = await this.#current(deps);
    return known.ok ? ok(known.value.keys) : known;
  }

  /** The key to check a signature with; null where no such key is listed. */
  async verificationKey(
    deps: KeyDeps<Public, Private>,
    kid: string,
  ): Promise<Result<CryptoKey | null, KeysUnavailable>> {
    const known = await this.#current(deps);
    if (!known.ok) return known;
    const key = known.value.publicKeys.get(kid);
    if (key) return ok(key);
    if (this.#reloadedLately(deps)) return ok(null);
    const reloaded = await this.#reload(deps);
    return reloaded.ok ? ok(reloaded.value.publicKeys.get(kid) ?? null) : reloaded;
  }

  async signingKey(deps: KeyDeps<Public, Private>): Promise<Result<OpenedKey, KeysUnavailable>> {
    const known = await this.#current(deps);
    if (!known.ok) return known;
    const key = pickSigningKey(known.value.keys, deps.clock.now());
    if (this.#opened?.kid === key.publicJwk.kid) return ok(this.#opened);
    try {
      const jwk = await deps.store.openPrivateKey(key);
      const privateKey = await crypto.subtle.importKey("jwk", jwk, this.#kind.algorithm, false, ["sign"]);
      this.#opened = { kid: key.publicJwk.kid, privateKey };
      return ok(this.#opened);
    } catch (error) {
      logLine(`${this.#kind.name}.key_not_opened`, { kid: key.publicJwk.kid, error: String(error) });
      return err({ reason: "keys_unavailable" });
    }
  }

  async #current(deps: KeyDeps<Public, Private>): Promise<Result<KnownKeys<Public>, KeysUnavailable>> {
    const known = this.#usable(deps);
    if (!known) return this.#reload(deps);
    const fresh = deps.clock.now() - known.loadedMs < KEYS_FRESH_MS;
    return fresh || this.#reloadedLately(deps) ? ok(known) : this.#reload(deps);
  }

  /** While the registry is away, what is known goes on serving for as long as no key can have begun to sign behind its back. */
  #usable({ clock }: KeyDeps<Public, Private>): KnownKeys<Public> | null {
    return this.#known && clock.now() - this.#known.loadedMs < SIGNING_LEAD_MS ? this.#known : null;
  }

  #reloadedLately({ clock }: KeyDeps<Public, Private>): boolean {
    return clock.now() - this.#reloadBegunMs < RELOAD_PAUSE_MS;
  }

  async #reload(deps: KeyDeps<Public, Private>): Promise<Result<KnownKeys<Public>, KeysUnavailable>> {
    const loadedMs = deps.clock.now();
    this.#reloadBegunMs = loadedMs;
    try {
      const keys = await ensureKeys(this.#kind, deps);
      const loaded = { keys, publicKeys: await importPublicKeys(this.#kind.algorithm, keys), loadedMs };
      // A slow read that began earlier does not undo what a later one has found.
      if (!this.#known || this.#known.loadedMs <= loadedMs) this.#known = loaded;
      return ok(this.#known);
    } catch (error) {
      logLine(`${this.#kind.name}.keys_not_loaded`, { error: String(error) });
      const known = this.#usable(deps);
      return known ? ok(known) : err({ reason: "keys_unavailable" });
    }
  }
}
