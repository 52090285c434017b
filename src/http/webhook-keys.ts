import { type Context, Hono } from "hono";
import { JWKS_MAX_AGE_SECONDS } from "../kernel/limits.ts";
import { webhookKeys, webhookPublicKey } from "../keys/webhook-keys.ts";
import type { AppEnv } from "./app-env.ts";
import { problem } from "./problem.ts";

/** The keys that deliveries are signed with, newest first; one that does not sign yet is among them. */
async function answerKeys(c: Context<AppEnv>): Promise<Response> {
  const known = webhookKeys(c.env, c.var.clock);
  const keys = await known.keyring.listKeys(known);
  if (!keys.ok) return problem(c, { reason: "keys_unavailable", detail: "The keys cannot be read now. Try again." });
  c.header("Cache-Control", `public, max-age=${JWKS_MAX_AGE_SECONDS}`);
  return c.json({
    keys: keys.value.map(({ publicJwk, createdMs, signsFromMs }) => ({
      id: publicJwk.kid,
      publicKey: webhookPublicKey(publicJwk),
      jwk: publicJwk,
      createdAt: new Date(createdMs).toISOString(),
      signsFrom: new Date(signsFromMs).toISOString(),
    })),
  });
}

/** Public: receivers have no credentials here. */
export const webhookKeyRoutes = new Hono<AppEnv>().get("/.well-known/webhook-keys", answerKeys);
