import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { newEventId } from "../../../src/kernel/ids.ts";
import { loadPublisher } from "../../../src/registry/publishers.ts";
import { asyncApi, outbox, Relay } from "./relay.ts";

describe("an API", () => {
  it("is registered from its document, with credentials that publish", async () => {
    const acme = await new Relay().organization();
    const answer = await acme.call("POST", "/v1/apis", {
      text: asyncApi("Orders", ["/orders/created", "orders/{id}/changed"]),
      headers: { "Content-Type": "application/json" },
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      title: "Orders",
      version: "1.2.0",
      specVersion: "2.6.0",
      description: "Orders of the shop",
      tags: ["shop"],
      visibility: "private",
      access: "open",
      approval: "auto",
      validation: "off",
      maxUndeliveredDays: null,
      credentials: { clientId: expect.any(String), clientSecret: expect.any(String) },
      diagnostics: expect.any(Array),
    });
    expect(answer.body.channels).toEqual([
      { address: "orders/created", title: null },
      { address: "orders/{id}/changed", title: null },
    ]);
    const publisher = await loadPublisher(env.REGISTRY, answer.body.credentials.clientId);
    expect(publisher).toMatchObject({
      clientId: answer.body.credentials.clientId,
      apiId: answer.body.id,
      validation: "off",
      topicConfig: {
        version: 1,
        access: "open",
        organizationId: acme.id,
        retentionDays: 30,
        maxUndeliveredDays: null,
        isAddressed: false,
      },
      allowedChannels: null,
    });
    expect(publisher?.topics.map((topic) => topic.address)).toEqual(
      expect.arrayContaining(["orders/created", "orders/{id}/changed"]),
    );
    for (const topic of publisher?.topics ?? []) {
      expect(topic.shards).toBe(1);
      expect(topic.number).toBeLessThan(2 ** 30);
    }
  });

  it("shows the same afterwards, without its secret", async () => {
    const acme = await new Relay().organization();
    const { credentials, diagnostics: _, ...api } = await acme.api();
    const read = await acme.call("GET", `/v1/apis/${api.id}`);
    expect(read.body).toMatchObject({
      ...api,
      channels: [
        { address: "orders/created", parameters: [], messages: [{ name: "Changed", schema: { type: "object" } }] },
        { address: "orders/{id}/changed", parameters: ["id"] },
      ],
    });
    expect(read.text).not.toContain(credentials.clientSecret);
    const list = await acme.call("GET", "/v1/apis");
    expect(list.body.data).toMatchObject([{ id: api.id, channels: [{ address: "orders/created" }, {}] }]);
  });

  it.each([
    ["application/json", asyncApi("As JSON", ["a"])],
    ["application/yaml", "asyncapi: 2.6.0\n# as it was\ninfo: {title: As YAML, version: '1'}\nchannels:\n  a: {}\n"],
  ])("gives its document back as it was sent: %s", async (mediaType, text) => {
    const acme = await new Relay().organization();
    const registered = await acme.call("POST", "/v1/apis", { text });
    expect(registered.status).toBe(201);
    const spec = await acme.call("GET", `/v1/apis/${registered.body.id}/spec`);
    expect([spec.headers.get("Content-Type"), spec.text]).toEqual([mediaType, text]);
  });

  it("has a title that its organization has once, whatever others have", async () => {
    const relay = new Relay();
    const [acme, other] = [await relay.organization(), await relay.organization()];
    const text = asyncApi("Orders", ["a"]);
    expect((await acme.call("POST", "/v1/apis", { text })).status).toBe(201);
    const again = await acme.call("POST", "/v1/apis", { text });
    expect([again.status, again.body.type]).toEqual([409, "https://relay.test/problems/conflict"]);
    expect((await other.call("POST", "/v1/apis", { text })).status).toBe(201);
    expect((await acme.call("GET", "/v1/apis")).body.data).toHaveLength(1);
  });

  it.each([
    ["not a document", "hello"],
    ["nothing", ""],
    ["no channels", asyncApi("Empty", [])],
    ["unparsable YAML", "a: [b\nc: {"],
  ])("is refused with diagnostics: %s", async (_, text) => {
    const acme = await new Relay().organization();
    const answer = await acme.call("POST", "/v1/apis", { text });
    expect([answer.status, answer.body.code]).toEqual([422, 422]);
    expect(answer.body.diagnostics).toEqual(expect.arrayContaining([expect.objectContaining({ severity: "error" })]));
    expect(answer.body.errors).toContainEqual({ path: expect.any(String), message: answer.body.detail });
    expect((await acme.call("GET", "/v1/apis")).body.data).toEqual([]);
  });

  it("is refused where two templates overlap", async () => {
    const acme = await new Relay().organization();
    const text = asyncApi("Overlap", ["orders/{id}/changed", "{id}/new/changed", "orders/new/changed"]);
    const answer = await acme.call("POST", "/v1/apis", { text });
    expect(answer.status).toBe(422);
    const codes = answer.body.diagnostics.map((diagnostic: { code: string }) => diagnostic.code);
    expect(codes.filter((code: string) => code === "relay-channel-overlap")).toHaveLength(1);
  });

  it("is refused where its document is over a mebibyte or not UTF-8", async () => {
    const acme = await new Relay().organization();
    const large = await acme.call("POST", "/v1/apis", { text: `${asyncApi("Large", ["a"])}${" ".repeat(2 ** 20)}` });
    expect(large.status).toBe(413);
    const request = new Request("https://relay.test/", { method: "POST", body: new Uint8Array([0xff, 0xfe]) });
    const { readText } = await import("../../../src/http/body.ts");
    expect(await readText(request, 100)).toMatchObject({ ok: false, error: { reason: "body_not_utf8" } });
  });

  it("changes its settings, and nothing but its settings", async () => {
    const acme = await new Relay().organization();
    const api = await acme.api();
    const path = `/v1/apis/${api.id}`;
    const patch = { visibility: "public", approval: "manual", retentionDays: 3, region: "weur", terms: "Be kind.\n" };
    const patched = await acme.call("PATCH", path, { body: patch });
    expect([patched.status, patched.body]).toMatchObject([200, { ...patch, access: "open", title: api.title }]);
    expect((await acme.call("PATCH", path, { body: { region: null } })).body).toMatchObject({ ...patch, region: null });
    const refused = await acme.call("PATCH", path, {
      body: { title: "x", visibility: "all", retentionDays: 0, terms: "\u0000" },
    });
    expect(refused.status).toBe(422);
    expect(refused.body.errors.map((error: { path: string }) => error.path).sort()).toEqual(
      ["retentionDays", "terms", "title", "visibility"].sort(),
    );
  });

  it("tells its logs of another access before the change is answered, and of nothing else", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const api = await acme.api();
    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { visibility: "public" } });
    expect(relay.logs.topics.size).toBe(0);
    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { access: "consent" } });
    const told = {
      version: 3,
      access: "consent",
      organizationId: acme.id,
      retentionDays: 30,
      maxUndeliveredDays: null,
      isAddressed: false,
    };
    expect([...relay.logs.topics.values()]).toEqual([told, told]);
    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { retentionDays: 7, maxUndeliveredDays: 3 } });
    const shorter = { ...told, version: 4, retentionDays: 7, maxUndeliveredDays: 3 };
    expect([...relay.logs.topics.values()]).toEqual([shorter, shorter]);
    const publisher = await loadPublisher(env.REGISTRY, api.credentials.clientId);
    expect(publisher?.topicConfig).toMatchObject({ access: "consent", version: 4 });
  });

  it("spreads its channels over more logs, never over fewer, and within a bound", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const api = await acme.api();
    const spread = (shards: unknown) => acme.call("PATCH", `/v1/apis/${api.id}`, { body: { shards } });
    expect(await spread(4)).toMatchObject({ status: 200, body: { shards: 4 } });
    const publisher = await loadPublisher(env.REGISTRY, api.credentials.clientId);
    expect(publisher?.topics.map(({ shards }) => shards)).toEqual([4, 4]);
    expect([...relay.logs.topics.keys()].toSorted()).toEqual(
      (publisher?.topics ?? []).flatMap(({ id }) => [0, 1, 2, 3].map((shard) => `${id}/${shard}`)).toSorted(),
    );
    for (const wrong of [0, 3, 128, "4", 1.5, null]) expect((await spread(wrong)).status).toBe(422);
    expect((await spread(2)).status).toBe(409);
    expect((await acme.call("GET", `/v1/apis/${api.id}`)).body.shards).toBe(4);
    expect((await spread(64)).status).toBe(200);
    const channels = Array.from({ length: 6 }, (_, i) => `more/${i}`);
    const many = await acme.call("PUT", `/v1/apis/${api.id}/spec?force=true`, { text: asyncApi(api.title, channels) });
    expect([many.status, many.body.detail]).toEqual([409, expect.stringContaining("at most 6 channels")]);
  });

  it("has no log that an event's id may name before it is spread so far: whoever asked it would make it", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const api = await acme.api();
    const publisher = await loadPublisher(env.REGISTRY, api.credentials.clientId);
    const topicNumber = publisher?.topics[0]?.number ?? 0;
    const made = relay.logs.calls.length;
    const forged = newEventId(relay.clock.nowMs, { topicNumber, shard: 1 });
    for (const path of [`/v1/events/${forged}`, `/v1/events/${forged}/deliveries`]) {
      expect((await acme.call("GET", path)).status).toBe(404);
    }
    expect(relay.logs.calls.slice(made)).toEqual([]);
  });

  it("tells its logs of another validation, as publishers' isolates have to hear of it", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const api = await acme.api(["orders"]);
    for (const [i, validation] of ["enforce", "warn", "off"].entries()) {
      const patched = await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { validation } });
      expect([patched.status, patched.body.validation]).toEqual([200, validation]);
      expect([...relay.logs.topics.values()].map(({ version }) => version)).toEqual([2 + i]);
    }
    const calls = relay.logs.calls.length;
    await acme.call("PATCH", `/v1/apis/${api.id}`, { body: { validation: "off" } });
    expect(relay.logs.calls).toHaveLength(calls);
  });

  it("has another access only once every log has heard of it, however often it is asked for", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const api = await acme.api();
    const patch = () => acme.call("PATCH", `/v1/apis/${api.id}`, { body: { access: "consent" } });
    relay.logs.isDown = () => true;
    expect((await patch()).status).toBe(503);
    expect((await patch()).status).toBe(503);
    relay.logs.isDown = () => false;
    expect((await patch()).status).toBe(200);
    expect([...relay.logs.topics.values()].map((topic) => topic.access)).toEqual(["consent", "consent"]);
    expect(await outbox()).toEqual([]);
  });

  it("is nobody else's", async () => {
    const relay = new Relay();
    const [acme, other] = [await relay.organization(), await relay.organization()];
    const api = await acme.api(undefined, { visibility: "public" });
    const path = `/v1/apis/${api.id}`;
    const calls = await Promise.all([
      other.call("GET", path),
      other.call("GET", `${path}/spec`),
      other.call("GET", `${path}/credentials`),
      other.call("GET", `${path}/subscriptions`),
      other.call("POST", `${path}/credentials`, { body: {} }),
      other.call("DELETE", `${path}/credentials/${api.credentials.clientId}`),
      other.call("PATCH", path, { body: { visibility: "private" } }),
      other.call("DELETE", path),
    ]);
    expect(calls.map((answer) => answer.status)).toEqual(Array(8).fill(404));
    expect((await other.call("GET", "/v1/apis")).body.data).toEqual([]);
    expect((await acme.call("GET", path)).body.visibility).toBe("public");
  });

  it("goes with its credentials and subscriptions", async () => {
    const relay = new Relay();
    const acme = await relay.organization();
    const api = await acme.api();
    const subscription = await acme.subscription(api.id);
    expect(relay.logs.logsOf(subscription.id).size).toBe(2);
    expect((await acme.call("DELETE", `/v1/apis/${api.id}`)).status).toBe(204);
    expect(relay.logs.logsOf(subscription.id).size).toBe(0);
    expect((await acme.call("GET", `/v1/apis/${api.id}`)).status).toBe(404);
    expect((await acme.call("GET", `/v1/subscriptions/${subscription.id}`)).status).toBe(404);
    expect(await loadPublisher(env.REGISTRY, api.credentials.clientId)).toBeNull();
  });
});

describe("a publisher's credentials", () => {
  it("are named, limited to channels, and revoked at once", async () => {
    const acme = await new Relay().organization();
    const api = await acme.api();
    const path = `/v1/apis/${api.id}/credentials`;
    const made = await acme.call("POST", path, {
      body: { name: "till", channels: ["/orders/created", "orders/created"] },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: "till", channels: ["orders/created"], clientSecret: expect.any(String) });
    expect(await loadPublisher(env.REGISTRY, made.body.clientId)).toMatchObject({
      allowedChannels: ["orders/created"],
    });
    const list = await acme.call("GET", path);
    expect(list.body.data.map((row: { name: string }) => row.name)).toEqual(["till", "default"]);
    expect(list.text).not.toContain(made.body.clientSecret);
    expect((await acme.call("DELETE", `${path}/${made.body.clientId}`)).status).toBe(204);
    expect((await acme.call("DELETE", `${path}/${made.body.clientId}`)).status).toBe(404);
    expect(await loadPublisher(env.REGISTRY, made.body.clientId)).toBeNull();
    expect(await loadPublisher(env.REGISTRY, api.credentials.clientId)).not.toBeNull();
  });

  it("are not said to be gone while a log's publishers may still use them", async () => {
    const relay = new Relay();
    const [acme, other] = [await relay.organization(), await relay.organization()];
    const api = await acme.api();
    const path = `/v1/apis/${api.id}/credentials/${api.credentials.clientId}`;
    relay.logs.isDown = () => true;
    expect((await acme.call("DELETE", path)).status).toBe(503);
    expect((await acme.call("DELETE", path)).status).toBe(503);
    expect((await other.call("DELETE", path)).status).toBe(404);
    relay.logs.isDown = () => false;
    expect((await acme.call("DELETE", path)).status).toBe(204);
    expect(relay.logs.topics.size).toBe(2);
    expect((await acme.call("DELETE", path)).status).toBe(404);
  });

  it("name only channels that the API has", async () => {
    const acme = await new Relay().organization();
    const api = await acme.api();
    const body = { channels: ["orders/created", "orders/7/changed"] };
    const answer = await acme.call("POST", `/v1/apis/${api.id}/credentials`, { body });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([{ path: "channels.1", message: "the API has no such channel" }]);
  });

  it("of an app do not publish", async () => {
    const acme = await new Relay().organization();
    const app = await acme.app();
    expect(await loadPublisher(env.REGISTRY, app.apiKey)).toBeNull();
    expect(await loadPublisher(env.REGISTRY, "' OR 1=1 --")).toBeNull();
  });
});

describe("the directory", () => {
  it("shows public APIs and one's own, never the publisher's servers", async () => {
    const relay = new Relay();
    const [acme, other] = [await relay.organization("Acme"), await relay.organization("Other")];
    const open = await acme.api(undefined, { visibility: "public" });
    const hidden = await acme.api();
    const own = await other.api();
    const ids = async (query = "") =>
      (await other.call("GET", `/v1/directory${query}`)).body.data.map((row: { id: string }) => row.id);
    const listed = await ids("?limit=100");
    expect(listed).toContain(open.id);
    expect(listed).toContain(own.id);
    expect(listed).not.toContain(hidden.id);
    expect(await ids(`?publisher=${acme.id}`)).toEqual([open.id]);
    expect(await ids(`?publisher=${other.id.toUpperCase()}`)).toEqual([own.id]);
    expect(await ids(`?q=${encodeURIComponent(open.title.toLowerCase())}`)).toEqual([open.id]);
    expect(await ids(`?tag=SHOP&publisher=${acme.id}`)).toEqual([open.id]);
    expect(await ids(`?tag=shops&publisher=${acme.id}`)).toEqual([]);
    expect(await ids("?q=%25")).toEqual([]);

    const entry = await other.call("GET", `/v1/directory/${open.id}`);
    expect(entry.body).toMatchObject({
      publisher: { id: acme.id, name: "Acme" },
      channels: [{ address: "orders/created" }, {}],
    });
    expect(entry.text).not.toContain("internal.publisher");
    expect(entry.body).not.toHaveProperty("validation");
    expect((await other.call("GET", `/v1/directory/${hidden.id}`)).status).toBe(404);
  });
});
