import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SampleChannel } from "../../src/console/samples/channel-event.ts";
import { renderSample, type SampleWish } from "../../src/console/samples/sample.ts";
import { fileNameOf, type Language } from "../../src/console/samples/templates.ts";
import { findFreePort, type LocalReceiver, startLocalReceiver } from "../../src/dev/local-receiver.ts";
import { Publisher, type RegisteredApi } from "../../src/dev/relay-client.ts";
import { hostileTexts } from "../support/hostile-texts.ts";
import { endPrograms, runProgram, startProgram } from "../support/programs.ts";
import { type Organization, startTestRelay, type TestRelay } from "../support/relay.ts";
import { readSpec } from "../support/specs.ts";
import { startUnsteadyFront, type UnsteadyFront } from "../support/unsteady-front.ts";

/** The code that the console shows for an API, run as whoever copies it would: by node, python3, and bash with curl and jq. */

const PROGRAMS: Record<Language, string> = { node: process.execPath, python: "python3", curl: "bash" };
const LANGUAGES = Object.keys(PROGRAMS) as Language[];
const CHANNEL = "repair-orders/{storeId}/status-changed";

let relay: TestRelay;
let folder: string;
let publishing: Organization;
let subscribing: Organization & { appId: string; login: Record<string, string> };
let api: RegisteredApi;
let publisher: Publisher;
let channel: SampleChannel;

beforeAll(async () => {
  relay = await startTestRelay();
  folder = mkdtempSync(join(tmpdir(), "event-relay-samples-"));
  publishing = await relay.operator.createOrganization("Workshop Software");
  const { id, client } = await relay.operator.createOrganization("Follow-up Apps");
  api = await publishing.client.registerApi(readSpec("repair-order.asyncapi.yaml"));
  await publishing.client.call("PATCH", `/v1/apis/${api.id}`, { visibility: "public", validation: "enforce" });
  publisher = await Publisher.login(relay.origin, api.credentials);
  const { channels } = await client.call<{ channels: SampleChannel[] }>("GET", `/v1/directory/${api.id}`);
  const found = channels.find(({ address }) => address === CHANNEL);
  if (!found) throw new Error(`no channel ${CHANNEL}`);
  channel = found;
  const app = await client.createApp("Follow-up");
  const login = { RELAY_API_KEY: app.apiKey, RELAY_API_SECRET: app.apiSecret };
  subscribing = { id, client, appId: app.id, login };
}, 120_000);

afterEach(endPrograms);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await relay?.close();
});

type Wish = Pick<SampleWish, "language" | "kind"> & Partial<SampleWish>;

/** The program as a file of its own, as somebody would save it. */
function save(wish: Wish): string {
  const place = mkdtempSync(join(folder, "sample-"));
  const path = join(place, fileNameOf(wish.kind, wish.language));
  writeFileSync(
    path,
    renderSample({ origin: relay.origin, api: { title: api.title, version: "1" }, channel, ...wish }),
  );
  return path;
}

const credentials = (): Record<string, string> => ({
  RELAY_CLIENT_ID: api.credentials.clientId,
  RELAY_CLIENT_SECRET: api.credentials.clientSecret,
});

describe.each(LANGUAGES)("publishing with %s", (language) => {
  let receiver: LocalReceiver;
  let front: UnsteadyFront;
  let subscriptionId: string;

  beforeAll(async () => {
    receiver = await startLocalReceiver(() => ({ status: 204 }));
    front = await startUnsteadyFront(relay.origin);
    const wish = { apiId: api.id, endpoint: receiver.url };
    subscriptionId = (await subscribing.client.subscribe(subscribing.appId, wish)).id;
  });

  afterAll(async () => {
    await subscribing.client.call("DELETE", `/v1/subscriptions/${subscriptionId}`);
    await front.close();
    await receiver.close();
  });

  it("brings the event to who subscribes, with its key", async () => {
    const ended = await runProgram(PROGRAMS[language], [save({ language, kind: "publish" })], credentials());
    expect(ended).toMatchObject({ status: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) });
    await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(1);
    const [delivery] = receiver.received;
    expect(delivery?.headers).toMatchObject({
      "webhook-id": ended.stdout.trim(),
      "event-channel": "repair-orders/store-042/status-changed",
      "partition-key": "RO-2031877",
    });
    expect(JSON.parse(delivery?.body ?? "")).toEqual(channel.messages[0]?.examples[0]);
  });

  it("tries again where the relay is busy, as the same event", async () => {
    front.refuseNext({ status: 503, headers: { "Retry-After": "1" } });
    front.refuseNext({ status: 429, headers: { "Retry-After": "1" } });
    const path = save({ language, kind: "publish", origin: front.origin });
    expect(await runProgram(PROGRAMS[language], [path], credentials())).toMatchObject({ status: 0 });
    expect(front.idempotencyKeys).toHaveLength(3);
    expect(new Set(front.idempotencyKeys).size).toBe(1);
  });

  it("says what the relay refuses, and ends with an error", async () => {
    const unlike: SampleChannel = { ...channel, messages: [{ name: "wrong", examples: [{ storeId: "store-042" }] }] };
    const wrong = await runProgram(
      PROGRAMS[language],
      [save({ language, kind: "publish", channel: unlike })],
      credentials(),
    );
    expect(wrong).toMatchObject({ status: 1, stdout: "" });
    expect(wrong.stderr).toContain("repairOrderNumber");
    const stranger = { ...credentials(), RELAY_CLIENT_SECRET: "guessed" };
    const refused = await runProgram(PROGRAMS[language], [save({ language, kind: "publish" })], stranger);
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toMatch(/401|invalid_client/);
    expect((await runProgram(PROGRAMS[language], [save({ language, kind: "publish" })])).status).not.toBe(0);
  });
});

type Receiving = { url: string; secret: string; subscriptionId: string; events: Record<string, unknown>[] };

/** Runs a receiver, and subscribes it. */
async function receiveWith(language: Language): Promise<Receiving> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  // The relay asks as soon as it knows of the endpoint: it has to listen by then, and has its secret only afterwards.
  const wish = { apiId: api.id, endpoint: url, verification: "challenge" };
  const { id, signingSecret } = await subscribing.client.subscribe(subscribing.appId, wish);
  const env = { PORT: String(port), RELAY_SIGNING_SECRET: signingSecret };
  const child = startProgram(PROGRAMS[language], [save({ language, kind: "receive" })], env);
  const events: Record<string, unknown>[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    events.push(...lines.map((line) => JSON.parse(line)));
  });
  await new Promise<void>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => text.includes("listening") && resolve());
  });
  await subscribing.client.call("POST", `/v1/subscriptions/${id}/verify`, {});
  return { url, secret: signingSecret, subscriptionId: id, events };
}

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** A delivery as the relay would sign it; each part can be another. */
function signed(secret: string, { id = "evt-1", timestamp = nowSeconds(), body = '{"n":1}' } = {}) {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const digest = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  const headers: Record<string, string> = {
    ...{ "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": `v1a,AAAA v1,${digest}` },
    "event-channel": "forged",
  };
  return { method: "POST", headers, body };
}

describe.each(["node", "python"] as const)("receiving with %s", (language) => {
  it("takes what the relay sends, once it has said that it wants it", async () => {
    const { subscriptionId, events } = await receiveWith(language);
    const payload = channel.messages[0]?.examples[0];
    const path = "repair-orders/store-042/status-changed";
    await expect
      .poll(async () => (await subscribing.client.call("GET", `/v1/subscriptions/${subscriptionId}`)).status)
      .toBe("active");
    const id = await publisher.publish(path, payload, { partitionKey: "RO-2031877" });
    await expect.poll(() => events.length, { timeout: 30_000 }).toBe(1);
    expect(events).toEqual([{ id, channel: path, partitionKey: "RO-2031877", data: payload }]);
    const progress = async () => (await subscribing.client.call("GET", `/v1/subscriptions/${subscriptionId}`)).backlog;
    await expect.poll(progress, { timeout: 30_000 }).toBe(0);
    await subscribing.client.call("DELETE", `/v1/subscriptions/${subscriptionId}`);
  });

  it("takes an event once, and nothing that somebody else has signed, or signed long ago", async () => {
    const { url, secret, events } = await receiveWith(language);
    const post = async (init: RequestInit): Promise<number> => (await fetch(url, init)).status;
    const delivery = signed(secret);
    expect(await post(delivery)).toBe(204);
    expect(await post(delivery)).toBe(204);
    expect(await post(signed(secret, { timestamp: nowSeconds() - 60 }))).toBe(204);
    await expect.poll(() => events.length).toBe(1);

    const forged = signed(`whsec_${Buffer.from("another key").toString("base64")}`, { id: "evt-2" });
    expect(await post(forged)).toBe(401);
    expect(await post({ ...signed(secret, { id: "evt-2" }), body: '{"n":2}' })).toBe(401);
    expect(await post(signed(secret, { id: "evt-2", timestamp: nowSeconds() - 600 }))).toBe(401);
    expect(await post(signed(secret, { id: "evt-2", timestamp: nowSeconds() + 600 }))).toBe(401);
    const { headers } = signed(secret, { id: "evt-2" });
    for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
      const { [name]: _, ...without } = headers;
      expect(await post({ method: "POST", headers: without, body: '{"n":1}' })).toBe(401);
    }
    for (const timestamp of ["soon", "NaN", "1e9", "9".repeat(400)]) {
      expect(await post({ method: "POST", headers: { ...headers, "webhook-timestamp": timestamp }, body: "{}" })).toBe(
        401,
      );
    }
    // It may hang up before all of it has come.
    expect(await post(signed(secret, { id: "evt-3", body: "x".repeat(3_000_000) })).catch(() => 413)).toBe(413);
    // Signed, and no JSON: it comes again, and does not end the receiver.
    expect(await post(signed(secret, { id: "evt-4", body: "{" }))).toBe(500);
    expect(await post(signed(secret, { id: "evt-5" }))).toBe(204);
    await expect.poll(() => events.map(({ id }) => id)).toEqual(["evt-1", "evt-5"]);
  });
});

describe("receiving with curl", () => {
  it("fetches what is there, and each event once", async () => {
    const { client, appId, login } = subscribing;
    const { id } = await client.subscribe(appId, { apiId: api.id });
    const payload = channel.messages[0]?.examples[0];
    const path = "repair-orders/store-042/status-changed";
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push(await publisher.publish(path, payload, { partitionKey: "RO-2031877" }));
    const program = save({ language: "curl", kind: "receive" });
    const fetched = await runProgram("bash", [program], { ...login, RELAY_SUBSCRIPTION_ID: id });
    expect(fetched).toMatchObject({ status: 0, stderr: "" });
    const events = fetched.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events).toEqual(ids.map((id) => ({ id, channel: path, partitionKey: "RO-2031877", data: payload })));
    const again = await runProgram("bash", [program], { ...login, RELAY_SUBSCRIPTION_ID: id });
    expect(again).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  it("says what the relay refuses, and ends with an error", async () => {
    const program = save({ language: "curl", kind: "receive" });
    const stranger = { ...subscribing.login, RELAY_SUBSCRIPTION_ID: api.id };
    const refused = await runProgram("bash", [program], stranger);
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toContain("404");
    expect((await runProgram("bash", [program])).status).not.toBe(0);
  });
});

describe("a sample of an API that means no good", () => {
  const texts = hostileTexts();
  const wishOf = (language: Language, text: string): Wish => ({
    ...{ language, kind: "publish", api: { title: text, version: text } },
    channel: { address: `a/${text}`, messages: [{ name: text, examples: [{ [text]: [text, null, true, 1.5] }] }] },
  });

  it("holds its payload as it is, in Python", async () => {
    const paths = texts.map((text) => save(wishOf("python", text)));
    const program = join(folder, "read-constants.py");
    writeFileSync(program, READ_CONSTANTS);
    const { stdout, stderr } = await runProgram("python3", [program, ...paths]);
    expect(stderr).toBe("");
    const read: unknown[] = JSON.parse(stdout);
    expect(read).toEqual(texts.map((text) => ({ [text]: [text, null, true, 1.5] })));
  });

  it("holds its payload as it is, in a shell", async () => {
    for (const text of texts) {
      const path = save(wishOf("curl", text));
      // All up to the first program that it runs, and then what it would send.
      const { stdout, stderr, status } = await runProgram(
        "bash",
        ["-c", `source <(sed '/mktemp/,$d' "$0"); printf %s "$event"`, path],
        credentials(),
      );
      expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
      expect(JSON.parse(stdout)).toEqual({ [text]: [text, null, true, 1.5] });
    }
  });
});

/** What EVENT is in each of the files, as Python reads them; nothing of them is run. */
const READ_CONSTANTS = `import ast, json, sys
def read(path):
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    assigned = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
    return ast.literal_eval(assigned["EVENT"])
print(json.dumps([read(path) for path in sys.argv[1:]]))
`;
