import { EventSource } from "eventsource";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { loginApp, SocketClient } from "../support/live.ts";
import { type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";

/** CONTRACT §8: the same log over SSE and WebSocket, to clients that are not ours. */

let relay: TestRelay;
beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(() => relay?.close());

type Stage = Scene & { token: string; url: string };

async function setStage(options: Parameters<typeof setScene>[1] = {}): Promise<Stage> {
  const scene = await setScene(relay, options);
  await scene.subscribing.client.subscribe(scene.app.id, { apiId: scene.api.id });
  const token = await loginApp(relay.origin, scene.app);
  return { ...scene, token, url: `${relay.origin}/v1/stream/${scene.api.id}/orders` };
}

describe("a WebSocket", () => {
  it("gets what is published, in order, and resumes behind a cursor", async () => {
    const { publisher, url, token } = await setStage();
    const client = new SocketClient(url, token);
    await client.opened;
    for (let n = 0; n < 20; n++) await publisher.publish("orders", { n }, { partitionKey: `k${n % 3}` });
    await vi.waitFor(() =>
      expect(client.frames.map(({ data }) => data)).toEqual(Array.from({ length: 20 }, (_, n) => ({ n }))),
    );
    const { cursor } = client.frames[9] ?? { cursor: "" };
    const resumed = new SocketClient(`${url}?after=${cursor}`, token);
    await vi.waitFor(() =>
      expect(resumed.frames.map(({ id }) => id)).toEqual(client.frames.slice(10).map(({ id }) => id)),
    );
    await client.close();
    await resumed.close();
  });
});

describe("an EventSource", () => {
  it("gets what is published by its channel's name", async () => {
    const { publisher, url, token } = await setStage();
    const got: unknown[] = [];
    const source = new EventSource(url, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }),
    });
    source.addEventListener("orders", ({ data }) => got.push(JSON.parse(data)));
    await new Promise((resolve) => source.addEventListener("open", resolve));
    await publisher.publish("orders", { text: "two\nlines" });
    await vi.waitFor(() => expect(got).toEqual([{ text: "two\nlines" }]));
    source.close();
  });
});
