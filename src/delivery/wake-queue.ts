import { systemClock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import { logLine } from "../kernel/log.ts";
import { ok } from "../kernel/result.ts";
import { unseal } from "../kernel/sealed-box.ts";
import { authorizationServer } from "../oauth/authorization-server.ts";
import { mintDeliveryToken } from "../oauth/tokens.ts";
import { topicLogs } from "../topic/client.ts";
import { createAppTokens } from "./app-tokens.ts";
import { type AttemptDeps, attemptDelivery, prepareTarget } from "./attempt.ts";
import type { ConsumerDeps } from "./consumer.ts";

const USER_AGENT = "event-relay/0.1.0";

type AppTokens = ReturnType<typeof createAppTokens>;

// One isolate, one memory: an app's token is signed once an hour, not once a delivery.
let appTokens: AppTokens | null = null;

function tokensOf(env: Env): AppTokens {
  appTokens ??= createAppTokens({
    now: systemClock.now,
    mint: async (appClientId) => {
      const minted = await mintDeliveryToken(authorizationServer(env), appClientId);
      if (!minted.ok) throw new Error(minted.error.reason);
      return minted.value;
    },
  });
  return appTokens;
}

/** What a consumer works with in the Worker: the logs, real fetch, the relay's keys. `disable` is the control plane's. */
export function consumerDeps(
  env: Env,
  ctx: ExecutionContext,
  disable: ConsumerDeps["disableSubscription"],
): ConsumerDeps {
  const logs = topicLogs(env.TOPIC_LOG);
  const attempts: AttemptDeps = {
    fetch: (url, init) => fetch(url, init),
    now: systemClock.now,
    openSecret: (sealed) => unseal(env.RELAY_MASTER_KEY, sealed),
    appToken: tokensOf(env),
    endpointRules: { allowPrivate: env.ALLOW_PRIVATE_ENDPOINTS === "true", relayOrigin: env.RELAY_ORIGIN },
    userAgent: USER_AGENT,
  };
  return {
    settleAndLease: logs.settleAndLease,
    prepareLease: async (lease) => {
      const target = await prepareTarget(attempts, lease);
      return target.ok ? ok((event) => attemptDelivery(target.value, event)) : target;
    },
    disableSubscription: disable,
    now: systemClock.now,
    sleep: (ms) => scheduler.wait(ms),
    newNonce: newId,
    report: (line) => logLine("lease", line),
    waitUntil: (work) => ctx.waitUntil(work),
  };
}
