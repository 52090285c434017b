import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { measureWorkerdBytes } from "../support/process-memory.ts";
import { hostileReceivers, type Receiver, startReceiver } from "../support/receivers.ts";
import { readProgress, type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";
import { ARRIVE, accept, arrivalAt } from "../support/stage.ts";

/** CONTRACT §5, from receivers that mean no good: attempts are bounded and repeated, and nobody else notices. */

const MIB = 1024 * 1024;
const TIMEOUT_SECONDS = 2;
const EVENTS = 3;
const NEIGHBOUR_MS_MAX = 3_000;
const MEMORY_GROWTH_BYTES_MAX = 256 * MIB;
const POURED_BYTES_MAX = 64 * MIB; // what is read, and what all buffers on the way may hold

let relay: TestRelay;
const open: Receiver[] = [];

beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(async () => {
  await relay?.close();
  for (const receiver of open) await receiver.close();
});

/** A topic with a hostile receiver and a good one. */
async function setStage(hostile: Receiver) {
  const good = await startReceiver(accept);
  open.push(hostile, good);
  const scene = await setScene(relay);
  const subscribe = (receiver: Receiver) =>
    scene.subscribing.client.subscribe(scene.app.id, {
      ...{ apiId: scene.api.id, endpoint: `${receiver.url}/hook` },
      timeoutSeconds: TIMEOUT_SECONDS,
      retry: { maxDelaySeconds: 1 },
    });
  const { id } = await subscribe(hostile);
  await subscribe(good);
  return { scene, good, id };
}

/** Publishes keyed events one after the other; answers the longest that one took to reach the good receiver. */
async function measureNeighbour({ publisher }: Scene, good: Receiver, events: number): Promise<number> {
  let longestMs = 0;
  for (let n = 0; n < events; n++) {
    const id = await publisher.publish("orders", { n }, { partitionKey: `key-${n}` });
    const acceptedMs = Date.now();
    await arrivalAt(good, id);
    longestMs = Math.max(longestMs, Date.now() - acceptedMs);
  }
  return longestMs;
}

describe("an endpoint that fails", () => {
  it.each([
    ["never answers", () => hostileReceivers.neverAnswers(), "timeout"],
    ["sends headers without end", () => hostileReceivers.slowHeaders(), "timeout"],
    ["resets", () => hostileReceivers.resets(), "connection"],
    ["hangs up", () => hostileReceivers.closesWithoutAnswer(), "connection"],
    ["speaks another protocol", () => hostileReceivers.notHttp(), "connection"],
    ["redirects to itself", () => hostileReceivers.redirectsToItself(), "redirect"],
    ["answers 500 and hangs in the body", () => hostileReceivers.hangsInBody(500), "status"],
    ["answers 500 and resets in the body", () => hostileReceivers.resetsInBody(500), "status"],
    ["answers 500 and drips for ever", () => hostileReceivers.dripsBody(500), "status"],
    ["answers 500 without end", () => hostileReceivers.sendsWithoutEnd(500), "status"],
    ["answers 500 with a gigabyte", () => hostileReceivers.sendsGigabyte(500), "status"],
    ["answers 500 with what unpacks to 64 MiB", () => hostileReceivers.sendsZipBomb(500), "status"],
    ["answers 500 with bytes that are no text", () => hostileReceivers.invalidUtf8(), "status"],
  ] as const)("because it %s is tried again, and its neighbour does not notice", async (_, start, error) => {
    const hostile = await start();
    const { scene, good, id } = await setStage(hostile);

    const longestMs = await measureNeighbour(scene, good, EVENTS);

    expect(longestMs).toBeLessThanOrEqual(NEIGHBOUR_MS_MAX);
    const allFailed = { backlog: EVENTS, blockedKeys: EVENTS, status: "active", lastError: { error } };
    await vi.waitFor(async () => expect(await readProgress(scene, id)).toMatchObject(allFailed), ARRIVE);
    const last = (await readProgress(scene, id)).lastError?.at ?? "";
    // Each of them has failed already: what fails now is a repetition.
    const isTriedAgain = async () => expect(String((await readProgress(scene, id)).lastError?.at) > last).toBe(true);
    await vi.waitFor(isTriedAgain, ARRIVE);
    await scene.subscribing.client.call("DELETE", `/v1/subscriptions/${id}`);
    await vi.waitFor(() => expect(hostile.connections()).toBe(0), ARRIVE);
  });
});

describe("an endpoint that answers 200", () => {
  it.each([
    ["drips for ever", () => hostileReceivers.dripsBody()],
    ["hangs in the body", () => hostileReceivers.hangsInBody()],
    ["goes on without end", () => hostileReceivers.sendsWithoutEnd()],
    ["sends a gigabyte", () => hostileReceivers.sendsGigabyte()],
    ["sends what unpacks to 64 MiB", () => hostileReceivers.sendsZipBomb()],
  ] as const)("and %s has its events, and is let go of", async (_, start) => {
    const hostile = await start();
    const { scene, good, id } = await setStage(hostile);
    expect(await measureNeighbour(scene, good, EVENTS)).toBeLessThanOrEqual(NEIGHBOUR_MS_MAX);
    await vi.waitFor(async () => expect((await readProgress(scene, id)).backlog).toBe(0), ARRIVE);
    expect(hostile.requests).toHaveLength(EVENTS);
    await vi.waitFor(() => expect(hostile.connections()).toBe(0), ARRIVE);
  });
});

describe("a gigabyte", () => {
  it.each([200, 500])("behind a %i is cut off early, and costs no memory", async (status) => {
    const poured: number[] = [];
    const hostile = await startReceiver((response) => {
      const answer = poured.push(0) - 1;
      function* chunks() {
        const chunk = Buffer.alloc(64 * 1024, "x");
        for (let bytes = 0; bytes < 1024 * MIB; bytes += chunk.length) {
          poured[answer] = bytes;
          yield chunk;
        }
      }
      response.writeHead(status, { "content-length": 1024 * MIB });
      const source = Readable.from(chunks(), { highWaterMark: 1 });
      response.on("close", () => source.destroy());
      source.pipe(response);
    });
    const { scene, id } = await setStage(hostile);
    const beforeBytes = measureWorkerdBytes();
    let mostBytes = beforeBytes;

    for (let n = 0; n < 20; n++) await scene.publisher.publish("orders", { n }, { partitionKey: `key-${n}` });
    await vi.waitFor(() => {
      mostBytes = Math.max(mostBytes, measureWorkerdBytes());
      expect(poured.length).toBeGreaterThanOrEqual(status === 200 ? 20 : 5);
      expect(hostile.connections()).toBe(0);
    }, ARRIVE);

    expect(Math.max(...poured)).toBeLessThan(POURED_BYTES_MAX);
    expect(mostBytes - beforeBytes).toBeLessThan(MEMORY_GROWTH_BYTES_MAX);
    await scene.subscribing.client.call("DELETE", `/v1/subscriptions/${id}`);
  });
});
