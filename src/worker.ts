import { consumeWakes } from "./delivery/consumer.ts";
import { consumerDeps } from "./delivery/wake-queue.ts";
import { createApp } from "./http/app.ts";
import { forEachBounded } from "./http/bounded.ts";
import { pushChange, resendPushes } from "./http/call/control-plane-pushes.ts";
import { collectNotices } from "./http/notices/collect-notices.ts";
import { disableAfterDays } from "./http/notices/fails-for-good.ts";
import { keepRelayApi } from "./http/notices/relay-api.ts";
import { sendNotices, sendNoticesAfterwards } from "./http/notices/send-notices.ts";
import { verifyDueEndpoints } from "./http/subscriptions/endpoint-verification.ts";
import { systemClock } from "./kernel/clock.ts";
import { LOGS_PER_TICK_MAX, SESSION_IDLE_MS_MAX } from "./kernel/limits.ts";
import { logLine } from "./kernel/log.ts";
import { rotateKeys } from "./keys/key-rotation.ts";
import { WEBHOOK_KEYS, webhookKeys } from "./keys/webhook-keys.ts";
import { authorizationServer } from "./oauth/authorization-server.ts";
import { SIGNING_KEYS } from "./oauth/signing-keys.ts";
import { disableSubscription } from "./registry/disable-subscription.ts";
import { dropExpiredAnswers } from "./registry/idempotency.ts";
import { dropExpiredPortalLinks } from "./registry/portal-links.ts";
import { resealSecrets } from "./registry/reseal.ts";
import { dropIdleSessions } from "./registry/sessions.ts";
import { listLogsOfMinute } from "./registry/topic-logs.ts";
import { topicLogs } from "./topic/client.ts";

export { StreamHub } from "./hub/stream-hub.ts";
export { TopicLog } from "./topic/topic-log.ts";

const app = createApp({ clock: systemClock, logsOf: (env) => topicLogs(env.TOPIC_LOG) });

export default {
  fetch: app.fetch,

  queue: (batch, env, ctx) =>
    consumeWakes(
      batch.messages,
      consumerDeps(env, ctx, batch.queue, {
        disableSubscription: (id) => disable(env, id, "gone"),
        collectNotices: (log) => collectNotices(collectDeps(env), log),
      }),
    ),

  /** Every minute. The chores don't wait for each other. */
  async scheduled(event, env) {
    const minute = new Date(event.scheduledTime).getUTCMinutes();
    const chores = [
      chore("resend_pushes", () => resendPushes(pushDeps(env))),
      chore("tick_logs", () => tickLogs(env, minute)),
      chore("send_notices", () => keepNotices(env)),
    ];
    if (minute === 0) {
      chores.push(chore("rotate_signing_keys", () => rotateKeys(SIGNING_KEYS, authorizationServer(env))));
      chores.push(chore("reseal_secrets", () => resealSecrets(env.REGISTRY, env.RELAY_MASTER_KEY)));
      chores.push(chore("rotate_webhook_keys", () => rotateKeys(WEBHOOK_KEYS, webhookKeys(env))));
      chores.push(chore("drop_expired_answers", () => dropExpiredAnswers(env.REGISTRY, systemClock.now())));
      chores.push(chore("drop_portal_links", () => dropExpiredPortalLinks(env.REGISTRY, systemClock.now())));
      chores.push(
        chore("drop_idle_sessions", () => dropIdleSessions(env.REGISTRY, systemClock.now() - SESSION_IDLE_MS_MAX)),
      );
    }
    await Promise.all(chores);
    // Last: endpoints hold connections for as long as they like to.
    await chore("verify_endpoints", () =>
      verifyDueEndpoints({ env, logs: topicLogs(env.TOPIC_LOG), nowMs: systemClock.now() }),
    );
  },
} satisfies ExportedHandler<Env>;

const pushDeps = (env: Env) => ({ db: env.REGISTRY, logs: topicLogs(env.TOPIC_LOG), nowMs: systemClock.now() });

const collectDeps = (env: Env) => ({
  ...pushDeps(env),
  disableAfterDays: disableAfterDays(env),
  disable: (id: string) => disable(env, id, "failing"),
});

/** An endpoint is given up: the registry says so first, then the logs hear of it, then the subscriber. */
async function disable(env: Env, subscriptionId: string, reason: "gone" | "failing"): Promise<void> {
  const generation = await disableSubscription(env.REGISTRY, subscriptionId, reason, systemClock.now());
  if (generation === null) return;
  await pushChange(pushDeps(env), generation);
  await sendNoticesAfterwards(pushDeps(env));
}

/** The API that the relay publishes its own events on is there, and what no request could send is sent. */
async function keepNotices(env: Env): Promise<void> {
  await keepRelayApi(env.REGISTRY, systemClock.now());
  await sendNotices(pushDeps(env));
}

/** The net below the logs' own alarms: each log is looked after once an hour. */
async function tickLogs(env: Env, minute: number): Promise<void> {
  const logs = topicLogs(env.TOPIC_LOG);
  const names = await listLogsOfMinute(env.REGISTRY, minute, LOGS_PER_TICK_MAX);
  await forEachBounded(names, async (name) => void (await logs.tick(name)));
}

/** What nobody waits for an answer of: a failure is logged, and the next occasion comes by itself. */
async function chore(name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    logLine("chore_failed", { name, error: String(error) });
  }
}
