import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { resendPushes } from "../../../src/http/call/control-plane-pushes.ts";
import { disableSubscription } from "../../../src/registry/disable-subscription.ts";
import { type Organization, outbox, Relay } from "./relay.ts";

type World = { relay: Relay; publisher: Organization; subscriber: Organization };

async function world(): Promise<World> {
  const relay = new Relay();
  return {
    relay,
    publisher: await relay.organization("Publisher"),
    subscriber: await relay.organization("Subscriber"),
  };
}

const resend = (relay: Relay) => resendPushes({ db: env.REGISTRY, logs: relay.logs, nowMs: relay.clock.nowMs });

describe("changing a subscription", () => {
  it("stops it with a pause and goes on with a resume, a version higher each time", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api();
    const { id } = await publisher.subscription(api.id);
    const states = () =>
      [...relay.logs.logsOf(id).values()].map(({ subscription }) => [subscription.version, subscription.active]);
    expect((await publisher.call("POST", `/v1/subscriptions/${id}/pause`, { body: {} })).body.status).toBe("paused");
    expect(states()).toEqual([
      [2, false],
      [2, false],
    ]);
    expect((await publisher.call("POST", `/v1/subscriptions/${id}/pause`, { body: {} })).status).toBe(200);
    expect((await publisher.call("POST", `/v1/subscriptions/${id}/resume`, { body: {} })).body.status).toBe("active");
    expect(states()).toEqual([
      [3, true],
      [3, true],
    ]);
    expect((await publisher.call("POST", `/v1/subscriptions/${id}/pause`, { body: { now: true } })).status).toBe(422);
  });

  it("changes what was named and keeps the rest", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api();
    const { signingSecret: _, ...before } = await publisher.subscription(api.id, {
      headers: { "X-A": "1" },
      timeoutSeconds: 3,
    });
    const patched = await publisher.call("PATCH", `/v1/subscriptions/${before.id}`, {
      body: { endpoint: "https://new.example/", retry: {} },
    });
    expect(patched.body).toEqual({ ...before, endpoint: "https://new.example/" });
    for (const { subscription } of relay.logs.logsOf(before.id).values()) {
      expect(subscription).toMatchObject({
        version: 2,
        target: { endpoint: "https://new.example/", timeoutSeconds: 3 },
      });
    }
    for (const body of [
      { start: "earliest" },
      { apiId: api.id },
      { signingSecret: "whsec_" },
      { eventPath: "event" },
    ]) {
      expect((await publisher.call("PATCH", `/v1/subscriptions/${before.id}`, { body })).status).toBe(422);
    }
  });

  it("leaves the logs of channels that it drops and joins those that it adds", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api(["a", "b", "c"]);
    const { id } = await publisher.subscription(api.id, { channels: ["a", "b"] });
    const before = [...relay.logs.logsOf(id).keys()];
    await publisher.call("PATCH", `/v1/subscriptions/${id}`, { body: { channels: ["b", "c"] } });
    const after = [...relay.logs.logsOf(id).keys()];
    expect(after).toHaveLength(2);
    expect(after.filter((log) => before.includes(log))).toHaveLength(1);
    await publisher.call("PATCH", `/v1/subscriptions/${id}`, { body: { channels: null } });
    expect(relay.logs.logsOf(id).size).toBe(3);
  });

  it("loses no change of two that are made at once", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api();
    const { id } = await publisher.subscription(api.id);
    const path = `/v1/subscriptions/${id}`;
    const answers = await Promise.all([
      publisher.call("PATCH", path, { body: { description: "one" } }),
      publisher.call("PATCH", path, { body: { timeoutSeconds: 9 } }),
      publisher.call("POST", `${path}/pause`, { body: {} }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    const read = await publisher.call("GET", path);
    expect(read.body).toMatchObject({ description: "one", timeoutSeconds: 9, status: "paused" });
    for (const { subscription } of relay.logs.logsOf(id).values())
      expect(subscription).toMatchObject({ version: 4, active: false });
  });

  it("takes it off every log when it is deleted", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api();
    const { id } = await publisher.subscription(api.id);
    expect((await publisher.call("DELETE", `/v1/subscriptions/${id}`)).status).toBe(204);
    expect(relay.logs.logsOf(id).size).toBe(0);
    expect((await publisher.call("GET", `/v1/subscriptions/${id}`)).status).toBe(404);
    expect((await publisher.call("DELETE", `/v1/subscriptions/${id}`)).status).toBe(404);
  });

  it("is its owner's alone", async () => {
    const { publisher, subscriber } = await world();
    const api = await publisher.api(undefined, { visibility: "public" });
    const { id } = await subscriber.subscription(api.id);
    const path = `/v1/subscriptions/${id}`;
    const answers = await Promise.all([
      publisher.call("GET", path),
      publisher.call("PATCH", path, { body: {} }),
      publisher.call("DELETE", path),
      publisher.call("POST", `${path}/pause`, { body: {} }),
      publisher.call("POST", `${path}/consents`, { body: { dataOwnerId: publisher.id } }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual(Array(5).fill(404));
    expect((await publisher.call("GET", "/v1/subscriptions")).body.data).toEqual([]);
  });

  it("is disabled where an endpoint is gone, and resumed by its owner", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api();
    const { id } = await publisher.subscription(api.id);
    await disableSubscription(env.REGISTRY, id, "gone", relay.clock.nowMs);
    await disableSubscription(env.REGISTRY, id, "gone", relay.clock.nowMs);
    expect(await resend(relay)).toEqual({ sent: 2, unsent: 0 });
    for (const { subscription } of relay.logs.logsOf(id).values())
      expect(subscription).toMatchObject({ version: 2, active: false });
    expect((await publisher.call("GET", `/v1/subscriptions/${id}`)).body.status).toBe("disabled");
    expect((await publisher.call("POST", `/v1/subscriptions/${id}/resume`, { body: {} })).body.status).toBe("active");
    const { body } = await publisher.call("GET", "/v1/audit");
    expect(body.data.map((row: { actor: string; action: string }) => `${row.actor} ${row.action}`)).toContain(
      "relay subscription.disable",
    );
  });

  it("names another API key in its deliveries once the first is revoked", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api();
    const subscription = await publisher.subscription(api.id);
    const path = `/v1/apps/${subscription.appId}/credentials`;
    const { body: second } = await publisher.call("POST", path, { body: { name: "second" } });
    const first = (await publisher.call("GET", path)).body.data[1];
    const keys = () =>
      [...relay.logs.logsOf(subscription.id).values()].map((known) => known.subscription.target?.appClientId);
    expect(keys()).toEqual([first.apiKey, first.apiKey]);
    expect((await publisher.call("DELETE", `${path}/${first.apiKey}`)).status).toBe(204);
    expect(keys()).toEqual([second.apiKey, second.apiKey]);
  });
});

describe("a log that does not answer", () => {
  it("makes the change wait: recorded, answered 503, told again by cron", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api();
    const { id } = await publisher.subscription(api.id);
    const [down = ""] = relay.logs.logsOf(id).keys();
    relay.logs.isDown = (log) => log === down;
    const answer = await publisher.call("POST", `/v1/subscriptions/${id}/pause`, { body: {} });
    expect([answer.status, answer.body.type]).toEqual([503, "https://relay.test/problems/push-pending"]);
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect((await publisher.call("GET", `/v1/subscriptions/${id}`)).body).toMatchObject({
      status: "paused",
      backlog: null,
    });
    expect(await outbox()).toEqual([`subscription ${id} ${down}`]);
    expect((await publisher.call("POST", `/v1/subscriptions/${id}/pause`, { body: {} })).status).toBe(503);
    expect(await resend(relay)).toEqual({ sent: 0, unsent: 2 });
    relay.logs.isDown = () => false;
    expect(await resend(relay)).toEqual({ sent: 2, unsent: 0 });
    expect(await outbox()).toEqual([]);
    for (const { subscription } of relay.logs.logsOf(id).values()) expect(subscription.active).toBe(false);
  });

  it("still learns of a deletion", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api();
    const { id } = await publisher.subscription(api.id);
    relay.logs.isDown = () => true;
    expect((await publisher.call("DELETE", `/v1/apis/${api.id}`)).status).toBe(503);
    expect(relay.logs.logsOf(id).size).toBe(2);
    relay.logs.isDown = () => false;
    await resend(relay);
    expect(relay.logs.logsOf(id).size).toBe(0);
  });

  it("does not hide what was made: a subscription's id and secret come with the 503", async () => {
    const { relay, publisher } = await world();
    const [api, app] = [await publisher.api(), await publisher.app()];
    relay.logs.isDown = () => true;
    const subscribe = (headers = {}) =>
      publisher.call("POST", `/v1/apps/${app.id}/subscriptions`, { body: { apiId: api.id }, headers });
    const made = await subscribe();
    expect([made.status, made.headers.get("Retry-After")]).toEqual([503, null]);
    expect(made.body.recorded).toMatchObject({ signingSecret: expect.stringMatching(/^whsec_/) });
    const { data } = (await publisher.call("GET", "/v1/subscriptions")).body;
    expect(data.map((row: { id: string }) => row.id)).toEqual([made.body.recorded.id]);
    const keyed = await subscribe({ "Idempotency-Key": "k" });
    expect([keyed.status, keyed.headers.get("Retry-After")]).toEqual([503, "5"]);
    relay.logs.isDown = () => false;
    expect((await subscribe({ "Idempotency-Key": "k" })).body).toEqual(keyed.body.recorded);
    await resend(relay);
  });

  it("is waited for by a change that is made again", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api(["a", "b"]);
    const { id } = await publisher.subscription(api.id);
    const narrow = () => publisher.call("PATCH", `/v1/subscriptions/${id}`, { body: { channels: ["a"] } });
    relay.logs.isDown = (_, call) => call === "removeSubscription";
    expect((await narrow()).status).toBe(503);
    expect((await narrow()).status).toBe(503);
    relay.logs.isDown = () => false;
    expect((await narrow()).status).toBe(200);
    expect(relay.logs.logsOf(id).size).toBe(1);
  });

  it.each(["subscription", "app", "API"])("is waited for by a deletion that is made again: %s", async (what) => {
    const { relay, publisher, subscriber } = await world();
    const api = await publisher.api();
    const { id, appId } = await publisher.subscription(api.id);
    const paths = { subscription: `/v1/subscriptions/${id}`, app: `/v1/apps/${appId}`, API: `/v1/apis/${api.id}` };
    const path = paths[what as keyof typeof paths];
    relay.logs.isDown = () => true;
    expect((await publisher.call("DELETE", path)).status).toBe(503);
    expect((await publisher.call("DELETE", path)).status).toBe(503);
    expect((await subscriber.call("DELETE", path)).status).toBe(404);
    relay.logs.isDown = () => false;
    expect((await publisher.call("DELETE", path)).status).toBe(204);
    expect(relay.logs.logsOf(id).size).toBe(0);
    expect((await publisher.call("DELETE", path)).status).toBe(404);
  });

  it("is waited for by each change that concerns it, whoever changed the same after it", async () => {
    const { relay, publisher, subscriber } = await world();
    const api = await publisher.api(["a"], { visibility: "public", approval: "manual" });
    const { id } = await subscriber.subscription(api.id);
    const headers = { "Idempotency-Key": "approval" };
    const approve = () => publisher.call("POST", `/v1/subscriptions/${id}/approve`, { body: {}, headers });
    relay.logs.isDown = () => true;
    expect((await approve()).status).toBe(503);
    expect((await subscriber.call("PATCH", `/v1/subscriptions/${id}`, { body: { description: "x" } })).status).toBe(
      503,
    );
    expect((await approve()).status).toBe(503);
    relay.logs.isDown = () => false;
    expect((await approve()).status).toBe(200);
    expect(relay.logs.logsOf(id).size).toBe(1);
    expect(await resend(relay)).toEqual({ sent: 1, unsent: 0 });
  });

  it("is told of many changes at once", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api(["a"]);
    const { id } = await publisher.subscription(api.id);
    relay.logs.isDown = () => true;
    for (const timeoutSeconds of [3, 4, 5]) {
      await publisher.call("PATCH", `/v1/subscriptions/${id}`, { body: { timeoutSeconds } });
    }
    relay.logs.isDown = () => false;
    relay.logs.calls.length = 0;
    expect(await resend(relay)).toEqual({ sent: 3, unsent: 0 });
    expect(relay.logs.calls).toHaveLength(1);
  });

  it("does not hear of what cannot be read, and all others of the rest", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api(["a"]);
    const [broken, sound] = [await publisher.subscription(api.id), await publisher.subscription(api.id)];
    relay.logs.isDown = () => true;
    for (const { id } of [broken, sound]) await publisher.call("POST", `/v1/subscriptions/${id}/pause`, { body: {} });
    relay.logs.isDown = () => false;
    const setRetry = env.REGISTRY.prepare("UPDATE subscription SET retry = ? WHERE id = ?");
    await setRetry.bind('{"of":"a later version"}', broken.id).run();
    expect(await resend(relay)).toEqual({ sent: 1, unsent: 1 });
    for (const { subscription } of relay.logs.logsOf(sound.id).values()) expect(subscription.active).toBe(false);
    expect(await outbox()).toHaveLength(1);
    await setRetry.bind("{}", broken.id).run();
    expect(await resend(relay)).toEqual({ sent: 1, unsent: 0 });
  });

  it("does not keep the others from hearing", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api(["a", "b", "c"]);
    const { id } = await publisher.subscription(api.id);
    const [down = ""] = relay.logs.logsOf(id).keys();
    relay.logs.isDown = (log) => log === down;
    await publisher.call("POST", `/v1/subscriptions/${id}/pause`, { body: {} });
    const active = [...relay.logs.logsOf(id).values()].filter(({ subscription }) => subscription.active);
    expect(active).toHaveLength(1);
    relay.logs.isDown = () => false;
    await resend(relay);
  });

  it("keeps a newer change in the outbox while an older one is being sent", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api(["a"]);
    const { id } = await publisher.subscription(api.id);
    const put = relay.logs.putSubscription.bind(relay.logs);
    relay.logs.putSubscription = async (...call) => {
      const taken = await put(...call);
      relay.logs.putSubscription = put;
      relay.logs.isDown = () => true;
      expect((await publisher.call("POST", `/v1/subscriptions/${id}/resume`, { body: {} })).status).toBe(503);
      return taken;
    };
    expect((await publisher.call("POST", `/v1/subscriptions/${id}/pause`, { body: {} })).status).toBe(200);
    expect(await outbox()).toHaveLength(1);
    relay.logs.isDown = () => false;
    await resend(relay);
    for (const { subscription } of relay.logs.logsOf(id).values())
      expect(subscription).toMatchObject({ version: 3, active: true });
  });
});

describe("how far a subscription is", () => {
  it("is summed over its logs", async () => {
    const { relay, publisher } = await world();
    const api = await publisher.api();
    const { id } = await publisher.subscription(api.id);
    const [one = "", two = ""] = relay.logs.logsOf(id).keys();
    const quiet = {
      backlog: 2,
      backlogIsExact: true,
      oldestUndeliveredMs: 2_000,
      blockedKeys: 0,
      blocked: [],
      dead: 1,
      circuit: null,
      hour: { attempts: 4, failures: 1 },
      day: { attempts: 10, failures: 5 },
      lastError: null,
      latenciesMs: [5, 1, 3],
    };
    relay.logs.statuses.set(`${one} ${id}`, quiet);
    const lastError = { atMs: 5_000, status: 0, error: "timeout" };
    relay.logs.statuses.set(`${two} ${id}`, {
      ...quiet,
      backlog: 3,
      backlogIsExact: false,
      oldestUndeliveredMs: null,
      blockedKeys: 4,
      blocked: [{ partitionKey: "k", eventId: "e", attempts: 3, nextAttemptMs: 7_000 }],
      circuit: { failingSinceMs: 1_000, nextAttemptMs: 8_000 },
      latenciesMs: [100],
      lastError,
    });
    expect((await publisher.call("GET", `/v1/subscriptions/${id}`)).body).toMatchObject({
      backlog: 5,
      backlogIsExact: false,
      oldestUndeliveredAt: "1970-01-01T00:00:02.000Z",
      blockedKeys: 4,
      blocked: [{ partitionKey: "k", eventId: "e", attempts: 3, nextAttemptAt: "1970-01-01T00:00:07.000Z" }],
      dead: 2,
      circuit: {
        state: "open",
        failingSince: "1970-01-01T00:00:01.000Z",
        nextAttemptAt: "1970-01-01T00:00:08.000Z",
      },
      successRate: 0.75,
      successRateDay: 0.5,
      latencyMs: { p50: 5, p95: 100 },
      lastError: { at: "1970-01-01T00:00:05.000Z", status: 0, error: "timeout" },
    });
  });

  it("is nothing where no log knows it yet", async () => {
    const { publisher, subscriber } = await world();
    const api = await publisher.api(undefined, { visibility: "public", approval: "manual" });
    const { id } = await subscriber.subscription(api.id);
    const { body } = await subscriber.call("GET", `/v1/subscriptions/${id}`);
    expect(body).toMatchObject({
      status: "pending",
      backlog: 0,
      oldestUndeliveredAt: null,
      blockedKeys: 0,
      blocked: [],
      circuit: { state: "closed", failingSince: null, nextAttemptAt: null },
      latencyMs: null,
      lastError: null,
    });
  });
});
