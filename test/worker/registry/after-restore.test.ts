import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { resendPushes } from "../../../src/http/call/control-plane-pushes.ts";
import afterRestore from "../../../src/registry/after-restore.sql?raw";
import { Relay } from "../http/relay.ts";

/** As D1 runs a file: each statement by itself. */
const statements = afterRestore
  .replace(/^--.*$/gm, "")
  .split(";")
  .filter((sql) => sql.trim() !== "");

it("after the registry was restored, the logs believe it again, and no consent holds", async () => {
  const relay = new Relay();
  const [publisher, subscriber, owner] = await Promise.all([1, 2, 3].map(() => relay.organization()));
  if (!publisher || !subscriber || !owner) throw new Error("no organizations");
  const api = await publisher.api(["orders"], { visibility: "public", access: "consent" });
  const { id } = await subscriber.subscription(api.id);
  await owner.call("POST", "/v1/consents", { body: { subscriptionId: id, dataOwnerId: owner.id } });
  expect(relay.logs.grantsOf(id)).toHaveLength(1);
  // What was changed since, and the registry has forgotten: the logs are ahead of it.
  const [log = ""] = relay.logs.logsOf(id).keys();
  await env.REGISTRY.batch([
    env.REGISTRY.prepare("UPDATE api SET access = 'open', revision = revision - 1 WHERE id = ?").bind(api.id),
    env.REGISTRY.prepare("UPDATE subscription SET timeout_seconds = 7, revision = revision - 1 WHERE id = ?").bind(id),
  ]);
  await env.REGISTRY.batch(statements.map((sql) => env.REGISTRY.prepare(sql)));
  const { unsent } = await resendPushes({ db: env.REGISTRY, logs: relay.logs, nowMs: relay.clock.nowMs });
  expect(unsent).toBe(0);
  expect(relay.logs.topics.get(log)?.access).toBe("open");
  expect(relay.logs.logsOf(id).get(log)?.subscription.target?.timeoutSeconds).toBe(7);
  expect(relay.logs.grantsOf(id)).toEqual([]);
  // And it goes on from there: the owner gives its consent again.
  const { body } = await owner.call("GET", "/v1/consents");
  expect(body.data[0]).toMatchObject({ status: "revoked" });
  expect(
    (await owner.call("POST", "/v1/consents", { body: { subscriptionId: id, dataOwnerId: owner.id } })).status,
  ).toBe(201);
  expect(relay.logs.grantsOf(id)).toHaveLength(1);
});
