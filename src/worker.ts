import { type ConsumerDeps, consumeWakes } from "./delivery/consumer.ts";
import { consumerDeps } from "./delivery/wake-queue.ts";
import { createApp } from "./http/app.ts";
import { resendPushes } from "./http/control-plane-pushes.ts";
import { systemClock } from "./kernel/clock.ts";
import { authorizationServer } from "./oauth/authorization-server.ts";
import { rotateSigningKeys } from "./oauth/key-rotation.ts";
import { topicLogs } from "./topic/client.ts";

export { TopicLog } from "./topic/topic-log.ts";

const app = createApp({ clock: systemClock, logsOf: (env) => topicLogs(env.TOPIC_LOG) });

export default {
  fetch: app.fetch,

  queue(batch, env, ctx) {
    const deps: ConsumerDeps = consumerDeps(env, ctx);
    return consumeWakes(batch.messages, deps);
  },

  async scheduled(_event, env) {
    const nowMs = systemClock.now();
    await resendPushes({ db: env.REGISTRY, logs: topicLogs(env.TOPIC_LOG), nowMs });
    await rotateSigningKeys(authorizationServer(env));
  },
} satisfies ExportedHandler<Env>;
