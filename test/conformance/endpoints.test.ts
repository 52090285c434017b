import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { RelayError } from "../../src/dev/relay-client.ts";
import {
  addressEndpoints,
  foreignPortEndpoints,
  goodEndpoints,
  nameOf,
  neverEndpoints,
  plainHttpEndpoints,
  privateNameEndpoints,
} from "../support/endpoints.ts";
import { readProgress, type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";
import { type Resolver, startResolver } from "../support/resolver.ts";
import { ARRIVE } from "../support/stage.ts";

/** CONTRACT §5, "Endpoints refused", as a relay sees them that allows no private ones. */

let resolver: Resolver;
let relay: TestRelay;
let scene: Scene;
let subscriptionId: string;

beforeAll(async () => {
  resolver = await startResolver({
    "127.0.0.1.nip.io": ["127.0.0.1"],
    "metadata.evil.example.com": ["alias.example.com", "169.254.169.254"],
    "v6.evil.example.com": ["::ffff:10.0.0.1"],
  });
  const vars = { ENDPOINT_VERIFICATION: "optional", ENDPOINT_RESOLVER: resolver.url };
  relay = await startTestRelay({ allowPrivateEndpoints: false, vars });
  scene = await setScene(relay);
  subscriptionId = (await subscribe("https://hooks.example.com/in")).id;
});
afterAll(async () => {
  await relay?.close();
  await resolver.close();
});

const subscribe = (endpoint: string) =>
  scene.subscribing.client.subscribe(scene.app.id, { apiId: scene.api.id, endpoint });

const change = (endpoint: string) =>
  scene.subscribing.client.call<{ endpoint: string }>("PATCH", `/v1/subscriptions/${subscriptionId}`, { endpoint });

const statusOf = (call: Promise<unknown>): Promise<number> =>
  call.then(
    () => 200,
    (error: unknown) => (error instanceof RelayError ? error.status : 0),
  );

async function listTaken(endpoints: string[]): Promise<string[]> {
  const taken: string[] = [];
  for (const endpoint of endpoints) {
    if ((await statusOf(subscribe(endpoint))) !== 422) taken.push(`created: ${nameOf(endpoint)}`);
    if ((await statusOf(change(endpoint))) !== 422) taken.push(`changed: ${nameOf(endpoint)}`);
  }
  return taken;
}

describe("a subscription", () => {
  it.each([
    ["an address", addressEndpoints],
    ["a private name", privateNameEndpoints],
    ["a URL without encryption", plainHttpEndpoints],
    ["a foreign port", foreignPortEndpoints],
    ["no URL that two programs read alike", neverEndpoints],
  ])("to %s is refused when it is created and when it is changed", async (_, endpoints) => {
    expect(await listTaken(endpoints)).toEqual([]);
  });

  it("to the relay itself is refused", async () => {
    expect(await listTaken([relay.origin, `${relay.origin}/v2/events/orders`])).toEqual([]);
  });

  it("to a public name is taken", async () => {
    for (const endpoint of goodEndpoints.slice(0, 10)) expect(await statusOf(change(endpoint))).toBe(200);
  });

  it("keeps its endpoint when a change of it is refused", async () => {
    await change("https://hooks.example.com/kept");
    await statusOf(change("https://127.0.0.1/"));
    const { endpoint } = await scene.subscribing.client.call("GET", `/v1/subscriptions/${subscriptionId}`);
    expect(endpoint).toBe("https://hooks.example.com/kept");
  });
});

describe("a public name", () => {
  const sample = () => scene.subscribing.client.call("POST", `/v1/subscriptions/${subscriptionId}/test`, {});

  it.each(["127.0.0.1.nip.io", "metadata.evil.example.com", "v6.evil.example.com"])(
    "that leads to a private address is taken, and gets nothing: %s",
    async (name) => {
      expect((await change(`https://${name}/in`)).endpoint).toBe(`https://${name}/in`);
      expect(await sample()).toMatchObject({ status: 0, error: "endpoint_refused" });
    },
  );

  it("that does not resolve is taken, and its attempts fail as connections do", async () => {
    await change("https://nowhere.example.com/in");
    expect(await sample()).toMatchObject({ status: 0, error: "connection" });
  });

  it("is refused in the delivery log, too", async () => {
    await change("https://127.0.0.1.nip.io/in");
    await scene.publisher.publish("orders", {});
    await vi.waitFor(async () => {
      const { lastError } = await readProgress(scene, subscriptionId);
      expect(lastError).toMatchObject({ status: 0, error: "endpoint_refused" });
    }, ARRIVE);
  });
});
