import type { Context } from "hono";
import { isUuid } from "../../kernel/ids.ts";
import { ok, type Result } from "../../kernel/result.ts";
import { findSubscription, type Subscription } from "../../registry/subscriptions.ts";
import type { AppEnv } from "../app-env.ts";
import { authenticateApp } from "../app-token.ts";
import { admit } from "../call/admission.ts";
import { authenticate } from "../call/authentication.ts";
import { aSubscription } from "../call/named-things.ts";
import { notFound, type Problem, refuse } from "../problem.ts";

/** A subscription that the caller may fetch events of. */
export type PullScope = {
  subscription: Subscription;
  /** The addresses that the caller's credentials are limited to; null: all of the subscription's. */
  channels: string[] | null;
};

/** Access tokens are JWTs, whose header is JSON: no token of an organization begins so. */
const ACCESS_TOKEN = /^Bearer +eyJ/i;

/** Who calls: the subscription's own app, or a member of its organization. What is foreign is answered like what is not there. */
export async function admitPuller(c: Context<AppEnv>): Promise<Result<PullScope, Problem>> {
  return ACCESS_TOKEN.test(c.req.header("Authorization") ?? "") ? admitOwnApp(c) : admitMember(c);
}

async function admitOwnApp(c: Context<AppEnv>): Promise<Result<PullScope, Problem>> {
  const app = await authenticateApp(c);
  if (!app.ok) return app;
  const id = readId(c);
  if (!id.ok) return id;
  const subscription = await findSubscription(c.env.REGISTRY, id.value);
  if (subscription?.appId !== app.value.appId) return notFound(aSubscription.what);
  return ok({ subscription, channels: app.value.channels });
}

async function admitMember(c: Context<AppEnv>): Promise<Result<PullScope, Problem>> {
  const caller = await authenticate(c);
  if (!caller.ok) return caller;
  const id = readId(c);
  if (!id.ok) return id;
  const scope = { db: c.env.REGISTRY, caller: caller.value };
  const subscription = await admit(scope, "subscription.pull", aSubscription, { id: id.value });
  return subscription.ok ? ok({ subscription: subscription.value, channels: null }) : subscription;
}

function readId(c: Context<AppEnv>): Result<string, Problem> {
  const id = (c.req.param("id") ?? "").toLowerCase();
  return isUuid(id) ? ok(id) : refuse("not_found", "Ids are UUIDs.");
}
