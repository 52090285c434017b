import { keepNewest } from "../kernel/bounded-map.ts";
import { TOKEN_CACHE_ENTRIES_MAX } from "../kernel/limits.ts";

export type DeliveryToken = { token: string; expiresMs: number };

export type AppTokenDeps = {
  /** Signs a delivery token of an app: `sub` = `cid` = `client_id` = the id, `scp: ["delivery"]`. */
  mint: (appClientId: string) => Promise<DeliveryToken>;
  now: () => number;
};

// A receiver whose clock is behind, or a slow attempt, must not meet a token that has just expired.
const RENEW_BEFORE_EXPIRY_MS = 5 * 60_000;
// In workerd the request that signs may be cancelled, and then its promise never settles: nobody waits longer for another's signature.
const SHARED_WAIT_MS = 2_000;

/**
 * The function to pass as `appToken` of `AttemptDeps`, one per isolate: signs an app's token once (also when several ask for it at the
 * same time) and keeps it until shortly before it expires. Rejects when `mint` does; a failure is not kept.
 */
export function createAppTokens({ mint, now }: AppTokenDeps): (appClientId: string) => Promise<string> {
  const tokens = new Map<string, DeliveryToken>();
  const signing = new Map<string, Promise<string>>();

  async function sign(appClientId: string): Promise<string> {
    const made = await mint(appClientId);
    keepNewest(tokens, appClientId, made, TOKEN_CACHE_ENTRIES_MAX);
    return made.token;
  }

  function signShared(appClientId: string): Promise<string> {
    const shared = sign(appClientId).finally(() => {
      if (signing.get(appClientId) === shared) signing.delete(appClientId);
    });
    signing.set(appClientId, shared);
    return shared;
  }

  return async function appToken(appClientId) {
    const known = tokens.get(appClientId);
    if (known && now() < known.expiresMs - RENEW_BEFORE_EXPIRY_MS) return known.token;
    const others = signing.get(appClientId);
    if (others === undefined) return signShared(appClientId);
    const token = await settledInTime(others);
    if (token !== null) return token;
    if (signing.get(appClientId) === others) signing.delete(appClientId);
    return appToken(appClientId);
  };
}

async function settledInTime(shared: Promise<string>): Promise<string | null> {
  const { promise: waitedEnough, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), SHARED_WAIT_MS);
  try {
    return await Promise.race([shared, waitedEnough]);
  } finally {
    clearTimeout(timer);
  }
}
