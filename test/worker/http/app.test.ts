import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { createApp } from "../../../src/http/app.ts";
import type { AppEnv } from "../../../src/http/app-env.ts";
import { performChange } from "../../../src/http/call/change.ts";
import { UNREAD_BODY_BYTES_MAX } from "../../../src/kernel/limits.ts";
import { ok } from "../../../src/kernel/result.ts";
import { dropExpiredAnswers } from "../../../src/registry/idempotency.ts";
import { asyncApi, OPERATOR, Relay } from "./relay.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe("every answer", () => {
  it.each([
    ["GET", "/healthz", 200],
    ["GET", "/nowhere", 404],
    ["PUT", "/healthz", 405],
    ["GET", "/v1/apps", 403],
    ["GET", "/openapi.json", 200],
  ])("carries a request id: %s %s", async (method, path, status) => {
    const relay = new Relay();
    const id = crypto.randomUUID();
    const given = await relay.call(method, path, { headers: { "X-Request-Id": id.toUpperCase() } });
    expect([given.status, given.headers.get("X-Request-Id")]).toEqual([status, id]);
    for (const malformed of ["7", `${id}x`, ""]) {
      const made = await relay.call(method, path, { headers: { "X-Request-Id": malformed } });
      expect(made.headers.get("X-Request-Id")).toMatch(UUID);
      expect(made.headers.get("X-Request-Id")).not.toBe(id);
    }
  });

  it("that is an error is a problem with the contract's error object in it", async () => {
    const answer = await new Relay().call("GET", "/nowhere");
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(answer.body).toEqual({
      type: "https://relay.test/problems/not-found",
      title: "Not found",
      status: 404,
      detail: "There is nothing at this path.",
      code: 404,
      message: "There is nothing at this path.",
    });
  });

  it.each([
    ["DELETE", "/v1/apps", "GET, HEAD, POST"],
    ["POST", "/v1/apps/7c5c5c5c-0000-4000-8000-000000000000", "GET, HEAD, PATCH, DELETE"],
    ["GET", "/v2/events/orders", "POST"],
    ["PATCH", "/oauth2/default/v1/keys", "GET, HEAD"],
  ])("to a method that a path has not is 405 and names those it has: %s %s", async (method, path, allow) => {
    const answer = await new Relay().call(method, path);
    expect([answer.status, answer.headers.get("Allow")]).toEqual([405, allow]);
  });

  it("that is an error of ours says nothing of its cause", async () => {
    const app = createApp({
      clock: { now: () => 0 },
      logsOf: () => {
        throw new Error("secret innards");
      },
    });
    const request = new Request("https://relay.test/healthz");
    const response = await app.fetch(request, env, createExecutionContext());
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(response.headers.get("X-Request-Id")).toMatch(UUID);
    expect(text).not.toContain("innards");
    expect(JSON.parse(text)).toMatchObject({ code: 500, type: expect.stringMatching(/internal$/) });
  });
});

describe("a body", () => {
  it.each([
    ["not JSON", "{", 400],
    ["nothing", "", 400],
    ["not an object", "[]", 422],
    ["null", "null", 422],
    ["a missing field", "{}", 422],
    ["an unknown field", '{"name":"x","color":"red"}', 422],
    ["a control character", '{"name":"a\\u0000b"}', 422],
    ["half a character", '{"name":"\\ud800"}', 422],
    ["only spaces", '{"name":"   "}', 422],
    ["an array ten thousand deep", `{"name":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, 422],
    ["a prototype", '{"__proto__":{"name":"x"}}', 422],
    ["a script as website", '{"name":"x","website":"javascript:alert(1)"}', 422],
    ["65 KiB", JSON.stringify({ name: "x".repeat(65 * 1024) }), 413],
  ])("with %s is refused", async (_, text, status) => {
    const acme = await new Relay().organization();
    const answer = await acme.call("POST", "/v1/apps", { text });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    if (status === 422)
      expect(answer.body.errors[0]).toEqual({ path: expect.any(String), message: expect.any(String) });
    expect((await acme.call("GET", "/v1/apps")).body.data).toEqual([]);
  });

  it("names each field that is wrong", async () => {
    const acme = await new Relay().organization();
    const answer = await acme.call("POST", "/v1/apps", { body: { name: 7, website: "x", color: "red" } });
    expect(answer.body.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      "color",
      "name",
      "website",
    ]);
  });

  it("is not read before it is known who sends it", async () => {
    const answer = await new Relay().call("POST", "/v1/apps", { token: null, text: "{" });
    expect(answer.status).toBe(401);
  });

  it("that never ends is cut off", async () => {
    const { readBytes } = await import("../../../src/http/body.ts");
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1024;
        controller.enqueue(new Uint8Array(1024));
      },
    });
    const request = new Request("https://relay.test/", { method: "POST", body: endless });
    expect(await readBytes(request, 10_000)).toMatchObject({ ok: false, error: { reason: "body_too_large" } });
    expect(sent).toBeLessThan(UNREAD_BODY_BYTES_MAX + 100_000);
  });

  it("is written to no row by an id that is none", async () => {
    const acme = await new Relay().organization();
    for (const id of ["7", "..%2f", "'%20OR%201=1", `${crypto.randomUUID()}x`]) {
      expect((await acme.call("GET", `/v1/apps/${id}`)).status).toBe(404);
    }
  });
});

describe("an idempotency key", () => {
  const key = (value: string) => ({ "Idempotency-Key": value });

  it("gives the first answer again, secrets included", async () => {
    const acme = await new Relay().organization();
    const call = () => acme.call("POST", "/v1/apps", { body: { name: "Once" }, headers: key("k 1") });
    const [first, second] = [await call(), await call()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect((await acme.call("GET", "/v1/apps")).body.data).toHaveLength(1);
    const { results } = await env.REGISTRY.prepare("SELECT * FROM idempotency").all();
    expect(JSON.stringify(results)).not.toContain(first.body.apiSecret);
  });

  it("works once of many times at once", async () => {
    const acme = await new Relay().organization();
    const call = () => acme.call("POST", "/v1/apps", { body: { name: "Once" }, headers: key("race") });
    const answers = await Promise.all([call(), call(), call(), call()]);
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect((await acme.call("GET", "/v1/apps")).body.data).toHaveLength(1);
  });

  it("is refused with another body, and free for another path and another caller", async () => {
    const relay = new Relay();
    const [acme, other] = [await relay.organization(), await relay.organization()];
    const body = { name: "One" };
    const app = await acme.call("POST", "/v1/apps", { body, headers: key("k") });
    const reused = await acme.call("POST", "/v1/apps", { body: { name: "Two" }, headers: key("k") });
    expect([reused.status, reused.body.type]).toEqual([422, "https://relay.test/problems/idempotency-key-reused"]);
    expect((await other.call("POST", "/v1/apps", { body, headers: key("k") })).body.id).not.toBe(app.body.id);
    expect(
      (await acme.call("POST", `/v1/apps/${app.body.id}/credentials`, { body: {}, headers: key("k") })).status,
    ).toBe(201);
  });

  it("is not used up by a call that failed", async () => {
    const acme = await new Relay().organization();
    expect((await acme.call("POST", "/v1/apps", { body: {}, headers: key("k") })).status).toBe(422);
    expect((await acme.call("POST", "/v1/apps", { body: { name: "x" }, headers: key("k") })).status).toBe(201);
  });

  it("is forgotten after a day", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const call = () => acme.call("POST", "/v1/apps", { body: { name: "Daily" }, headers: key("k") });
    const first = await call();
    relay.clock.nowMs += 24 * 3600_000 - 1;
    expect((await call()).body.id).toBe(first.body.id);
    relay.clock.nowMs += 1;
    expect((await call()).body.id).not.toBe(first.body.id);
    await dropExpiredAnswers(env.REGISTRY, relay.clock.nowMs + 24 * 3600_000);
    const left = await env.REGISTRY.prepare("SELECT count(*) AS n FROM idempotency").first("n");
    expect(left).toBe(0);
  });

  it.each(["", "a".repeat(257), "tab\there"])("is refused where it is malformed: %j", async (value) => {
    const acme = await new Relay().organization();
    const answer = await acme.call("POST", "/v1/apps", { body: { name: "x" }, headers: key(value) });
    expect([answer.status, answer.body.type]).toEqual([400, "https://relay.test/problems/header-invalid"]);
  });

  it("of a subscription whose logs did not answer makes one subscription, and gives its secret once they do", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const [api, app] = [await acme.api(), await acme.app()];
    relay.logs.isDown = () => true;
    const call = () =>
      acme.call("POST", `/v1/apps/${app.id}/subscriptions`, { body: { apiId: api.id }, headers: key("s") });
    expect((await call()).status).toBe(503);
    expect((await call()).status).toBe(503);
    relay.logs.isDown = () => false;
    const made = await call();
    expect([made.status, made.body.signingSecret]).toEqual([201, expect.stringMatching(/^whsec_/)]);
    expect(relay.logs.logsOf(made.body.id).size).toBe(2);
    expect((await acme.call("GET", "/v1/subscriptions")).body.data).toHaveLength(1);
  });

  it("keeps an answer that fits a row, however large the document's schemas are", async () => {
    const acme = await new Relay().organization();
    const channels = Array.from({ length: 45 }, (_, i) => [
      `c${i}`,
      { subscribe: { message: { $ref: "#/components/messages/m" } } },
    ]);
    const payload = { type: "object", description: "x".repeat(60_000) };
    const text = asyncApi("Large", [], {
      channels: Object.fromEntries(channels),
      components: { messages: { m: { name: "m", payload } } },
    });
    const register = () => acme.call("POST", "/v1/apis", { text, headers: { "Idempotency-Key": "large" } });
    const first = await register();
    expect([first.status, first.body.channels.length]).toEqual([201, 45]);
    expect(first.text.length).toBeLessThan(100_000);
    expect((await register()).text).toBe(first.text);
  });

  it("is refused where the answer does not fit a row, and nothing is written", async () => {
    const relay = new Relay();
    const writes = [env.REGISTRY.prepare("INSERT INTO nowhere (id) VALUES (1)")];
    const change = { body: "x".repeat(1_500_000), writes, audit: null };
    const call = { principal: { kind: "operator" }, status: 201, subject: "operator/new", text: "" } as const;
    const app = new Hono<AppEnv>().post("/", (c) => {
      c.set("clock", relay.clock);
      return performChange(c, call, async () => ok(change));
    });
    const answer = await app.request("/", { method: "POST", headers: { "Idempotency-Key": "k" } }, relay.env);
    expect(answer.status).toBe(400);
  });

  it("of the operator gives the same organization and token", async () => {
    const relay = new Relay();
    const call = () =>
      relay.call("POST", "/v1/organizations", { token: OPERATOR, body: { name: "Once" }, headers: key("o") });
    const first = await call();
    expect((await call()).text).toBe(first.text);
    expect((await relay.call("GET", "/v1/apps", { token: first.body.token })).status).toBe(200);
  });
});

describe("the documentation", () => {
  it("is OpenAPI 3.1 and names every management call", async () => {
    const { body } = await new Relay().call("GET", "/openapi.json", { token: null });
    expect(body.openapi).toBe("3.1.0");
    expect(body.servers).toEqual([{ url: "https://relay.test" }]);
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(["/v1/apis/{id}", "/v1/apps/{id}/subscriptions", "/v1/consents/{id}/revoke", "/v1/audit"]),
    );
    const subscribe = body.paths["/v1/apps/{id}/subscriptions"].post;
    const schema = subscribe.requestBody.content["application/json"].schema;
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(["apiId", "endpoint", "retry", "start", "headers"]),
    );
    expect(schema.required).toEqual(["apiId"]);
    expect(schema.additionalProperties).toBe(false);
    expect(subscribe.parameters.map((p: { name: string; in: string }) => `${p.in} ${p.name}`)).toEqual(
      expect.arrayContaining(["path id", "header Idempotency-Key"]),
    );
  });

  it("names the calls that are answered with events, what they ask for, and both kinds of tokens", async () => {
    const { body } = await new Relay().call("GET", "/openapi.json", { token: null });
    const described = ["/v1/stream/{apiId}/{channel}", "/v1/apis/{apiId}/export", "/v1/apis/{apiId}/snapshot"].map(
      (path) => body.paths[path].get,
    );
    for (const { security, parameters, tags } of described) {
      expect(security).toEqual([{ bearer: [] }, { streamToken: [] }]);
      expect(tags).toEqual(["Live"]);
      const channel = parameters.find((p: { name: string; in: string }) => p.name === "channel" && p.in === "query");
      expect(channel).toMatchObject({ required: false, schema: { type: "array", items: { type: "string" } } });
    }
    expect(Object.keys(described[1].responses[200].content)).toEqual(["application/x-ndjson"]);
    expect(body.components.securitySchemes.streamToken).toEqual({ type: "apiKey", in: "query", name: "access_token" });
    expect((await new Relay().call("GET", "/docs", { token: null })).text).toContain("/v1/apis/{apiId}/snapshot");
  });

  it("says who may make each call, in the words of the table that decides it", async () => {
    const { body } = await new Relay().call("GET", "/openapi.json", { token: null });
    const callersOf = (method: string, path: string) => body.paths[path][method].description;
    expect(callersOf("post", "/v1/organizations")).toBe("organization.create: for the operator.");
    expect(callersOf("patch", "/v1/apis/{id}")).toBe(
      "api.update: for developers and admins of the organization that owns it.",
    );
    expect(callersOf("delete", "/v1/organizations/{id}/tokens/{tokenId}")).toBe(
      "token.revoke: for the operator, and for admins of the organization itself.",
    );
    expect(callersOf("get", "/v1/consents/{id}")).toBe(
      "consent.read: for viewers, developers, and admins of the data owner, the subscriber, or the publisher, and for portal links.",
    );
    const { text } = await new Relay().call("GET", "/docs", { token: null });
    expect(text).toContain("api.update: for developers and admins of the organization that owns it");
  });

  it("is a page that loads nothing from elsewhere", async () => {
    const { text, headers } = await new Relay().call("GET", "/docs", { token: null });
    expect(headers.get("Content-Type")).toContain("text/html");
    expect(text).toContain("/v1/apps/{id}/subscriptions");
    expect(text).not.toMatch(/<script|src=|@import|href="http/);
  });
});

describe("the apps of an organization", () => {
  it("are made, read, changed, listed and deleted by it alone", async () => {
    const relay = new Relay();
    const [acme, other] = [await relay.organization(), await relay.organization()];
    const made = await acme.call("POST", "/v1/apps", { body: { name: "Reader", website: "https://reader.example" } });
    expect(made.body).toMatchObject({
      name: "Reader",
      description: null,
      apiKey: expect.any(String),
      apiSecret: expect.any(String),
    });
    const path = `/v1/apps/${made.body.id}`;
    const strange = await Promise.all([
      other.call("GET", path),
      other.call("PATCH", path, { body: { name: "Mine" } }),
      other.call("DELETE", path),
      other.call("GET", `${path}/credentials`),
      other.call("POST", `${path}/credentials`, { body: {} }),
      other.call("DELETE", `${path}/credentials/${made.body.apiKey}`),
    ]);
    expect(strange.map((answer) => answer.status)).toEqual(Array(6).fill(404));
    const patched = await acme.call("PATCH", path, { body: { description: "Reads", website: null } });
    expect(patched.body).toMatchObject({ name: "Reader", description: "Reads", website: null });
    expect((await acme.call("GET", path)).body).toEqual(patched.body);
    expect((await acme.call("GET", "/v1/apps")).body.data).toEqual([patched.body]);
    expect((await acme.call("DELETE", path)).status).toBe(204);
    expect((await acme.call("GET", path)).status).toBe(404);
  });

  it("take their subscriptions with them, logs included", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const api = await acme.api();
    const subscription = await acme.subscription(api.id);
    expect((await acme.call("DELETE", `/v1/apps/${subscription.appId}`)).status).toBe(204);
    expect(relay.logs.logsOf(subscription.id).size).toBe(0);
    expect((await acme.call("GET", "/v1/subscriptions")).body.data).toEqual([]);
  });
});
