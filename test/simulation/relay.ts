import type { TopicConfig } from "../../src/domain/topic.ts";
import { createApp } from "../../src/http/app.ts";
import { pushChange, resendPushes } from "../../src/http/call/control-plane-pushes.ts";
import { disableSubscription } from "../../src/registry/disable-subscription.ts";
import { loadTopicConfig } from "../../src/registry/topic-config.ts";
import { topicLogs } from "../../src/topic/client.ts";
import { API_ID, type Organization } from "./cast.ts";
import type { Chaos } from "./chaos.ts";
import type { LogDoor } from "./log-door.ts";
import type { Invocation, RegistryMachine } from "./registry-machine.ts";
import type { Scheduler } from "./scheduler.ts";

const ORIGIN = "https://relay.test";

export type Request = {
  by: Organization;
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  idempotencyKey?: string;
};

export type Answer = { status: number; body: string };

type RelayParts = { time: Scheduler; chaos: Chaos; registry: RegistryMachine; door: LogDoor };

/** The relay's management API and its cron, the real ones, in invocations that die between any two of their steps. */
export class Relay {
  readonly #parts: RelayParts;
  readonly #app;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    const clock = { now: () => parts.time.nowMs };
    this.#app = createApp({ clock, logsOf: (env) => topicLogs(env.TOPIC_LOG) });
  }

  /** null: the Worker died, and nobody will answer. */
  request({ by, method, path, body, idempotencyKey }: Request): Promise<Answer | null> {
    const headers = {
      Authorization: `Bearer ${by.token}`,
      ...(idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey }),
    };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    return this.#invoke(async (env) => {
      const answer = await this.#app.request(`${ORIGIN}${path}`, init, env, executionContext());
      return { status: answer.status, body: await answer.text() };
    });
  }

  /** As the Worker's cron: what no request could tell the logs is told again. */
  async runCron(): Promise<void> {
    await this.#invoke((env) => attempted(() => resendPushes(this.#pushDeps(env))));
  }

  /** As the Worker's consumer: an endpoint has answered 410. */
  async disable(subscriptionId: string): Promise<void> {
    await this.#invoke((env) =>
      attempted(async () => {
        const generation = await disableSubscription(env.REGISTRY, subscriptionId, "gone", this.#parts.time.nowMs);
        if (generation !== null) await pushChange(this.#pushDeps(env), generation);
      }),
    );
  }

  /** What a publisher's isolate reads of its API; null: the registry does not answer. */
  async readTopic(): Promise<{ topic: TopicConfig; shards: number } | null> {
    return this.#invoke((env) =>
      attempted(async () => {
        const shards = await env.REGISTRY.prepare("SELECT shards FROM api WHERE id = ?")
          .bind(API_ID)
          .first<number>("shards");
        const topic = await loadTopicConfig(env.REGISTRY, API_ID);
        return topic && shards ? { topic, shards } : null;
      }),
    );
  }

  #pushDeps(env: Env) {
    return { db: env.REGISTRY, logs: topicLogs(env.TOPIC_LOG), nowMs: this.#parts.time.nowMs };
  }

  async #invoke<T>(work: (env: Env) => Promise<T>): Promise<T | null> {
    const { time, chaos, registry, door } = this.#parts;
    const invocation: Invocation = { isDead: false };
    const env = {
      REGISTRY: registry.reach(invocation),
      TOPIC_LOG: door.reach(invocation),
      RELAY_ORIGIN: ORIGIN,
      RELAY_MASTER_KEY: "a master key",
      ALLOW_PRIVATE_ENDPOINTS: "true",
      MANAGEMENT_CORS_ORIGINS: "",
    } as unknown as Env;
    const answer = work(env);
    if (!chaos.fault(0.1)) return answer;
    const death = time.sleep(chaos.int(1, chaos.chance(0.5) ? 300 : 10_000)).then(() => {
      invocation.isDead = true;
      return null;
    });
    return Promise.race([answer, death]);
  }
}

const executionContext = () => ({ waitUntil: () => {}, passThroughOnException: () => {}, props: {} });

/** What nobody waits for the answer of; null: it failed. */
async function attempted<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch {
    return null;
  }
}
