import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { attemptDelivery } from "../../../src/delivery/attempt.ts";
import type { DeliveryTarget } from "../../../src/domain/subscription.ts";
import { makeDeps, makeEvent, makeTarget, prepareOrThrow, SECRET } from "../../support/deliveries.ts";
import { hostileReceivers, type Receiver, startReceiver } from "../../support/receivers.ts";

/** Attempts over real sockets, through Node's fetch. The end-to-end tests meet the same receivers through workerd's. */

const open: Receiver[] = [];

async function meet(receiver: Promise<Receiver>): Promise<Receiver> {
  const started = await receiver;
  open.push(started);
  return started;
}

/** Half a second instead of 15: long enough for any answer of this machine, short enough to wait for. */
const HURRIED = 0.5;

async function attemptAt(receiver: Receiver, target: Partial<DeliveryTarget> = {}, event = makeEvent()) {
  const endpoint = `${receiver.url}/hook?a=1`;
  const deps = makeDeps({ fetch, now: Date.now });
  return attemptDelivery(await prepareOrThrow(deps, makeTarget({ endpoint, ...target })), event);
}

const letGo = (receiver: Receiver) => vi.waitFor(() => expect(receiver.connections()).toBe(0));

afterEach(async () => {
  await Promise.all(open.splice(0).map((receiver) => receiver.close()));
});

describe("an attempt at a receiver that behaves", () => {
  it("brings the bytes unchanged, with a signature that holds", async () => {
    const receiver = await meet(startReceiver((response) => response.writeHead(200).end("thanks")));
    const body = Buffer.from('{\r\n "name" : "Čeněk 漢字 😀", "n": 1.0 }\u0000', "utf8");
    const result = await attemptAt(receiver, {}, makeEvent({ body, partitionKey: "ключ\r\nX-Injected: 1" }));
    expect(result).toMatchObject({ delivered: true, status: 200, error: null, excerpt: "thanks" });

    const [request] = receiver.requests;
    expect(request?.method).toBe("POST");
    expect(request?.path).toBe("/hook?a=1");
    expect(request?.body.equals(body)).toBe(true);
    expect(request?.headers["content-type"]).toBe("application/json");
    expect(request?.headers["content-length"]).toBe(String(body.length));
    expect(request?.headers["partition-key"]).toBe("%D0%BA%D0%BB%D1%8E%D1%87%0D%0AX-Injected:%201");
    expect(request?.headers).not.toHaveProperty("x-injected");

    const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = request?.headers ?? {};
    const hmac = createHmac("sha256", Buffer.from(SECRET.slice(6), "base64"));
    hmac.update(`${id}.${timestamp}.`).update(request?.body ?? "");
    expect(String(signature).split(" ")).toContain(`v1,${hmac.digest("base64")}`);
  });

  it("cannot be led out of /event by a channel", async () => {
    const receiver = await meet(startReceiver((response) => response.writeHead(200).end()));
    await attemptAt(receiver, { format: "fortellis" }, makeEvent({ channel: "../../admin?x=/#y" }));
    expect(receiver.requests[0]?.path).toBe("/hook/event/%252E%252E/%252E%252E/admin%3Fx%3D/%23y?a=1");
  });

  it("brings a body of a megabyte and an empty one", async () => {
    const receiver = await meet(startReceiver((response) => response.writeHead(204).end()));
    for (const bytes of [1024 * 1024, 0]) {
      const event = makeEvent({ body: new Uint8Array(bytes).fill(0x20) });
      expect(await attemptAt(receiver, {}, event)).toMatchObject({ delivered: true, status: 204, excerpt: "" });
    }
    expect(receiver.requests.map((request) => request.body.length)).toEqual([1024 * 1024, 0]);
  });
});

describe("an attempt at a receiver that does not", () => {
  it.each(["neverAnswers", "slowHeaders"] as const)("times out and hangs up: %s", async (name) => {
    const receiver = await meet(hostileReceivers[name]());
    expect(await attemptAt(receiver, { timeoutSeconds: HURRIED })).toMatchObject({
      delivered: false,
      status: 0,
      error: "timeout",
    });
    await letGo(receiver);
  });

  it.each(["resets", "closesWithoutAnswer", "notHttp"] as const)("has no connection: %s", async (name) => {
    const receiver = await meet(hostileReceivers[name]());
    expect(await attemptAt(receiver)).toMatchObject({ delivered: false, status: 0, error: "connection" });
  });

  it("has no connection where nobody listens", async () => {
    const receiver = await startReceiver(() => {});
    await receiver.close();
    expect(await attemptAt(receiver)).toMatchObject({ delivered: false, status: 0, error: "connection" });
  });

  it.each([301, 302, 303, 307, 308])("does not follow a redirect to itself (%d)", async (status) => {
    const receiver = await meet(hostileReceivers.redirectsToItself(status));
    expect(await attemptAt(receiver)).toMatchObject({ delivered: false, status, error: "redirect" });
    expect(receiver.requests).toHaveLength(1);
  });

  it.each([
    [200, true, null],
    [500, false, "status"],
  ])("keeps 1 KiB of a gigabyte and of an answer without end, and hangs up (%d)", async (status, delivered, error) => {
    for (const start of [hostileReceivers.sendsGigabyte, hostileReceivers.sendsWithoutEnd]) {
      const receiver = await meet(start(status));
      const result = await attemptAt(receiver);
      expect(result).toMatchObject({ delivered, status, error, excerpt: "x".repeat(1024) });
      await letGo(receiver);
    }
  });

  it("unpacks only the beginning of an answer that is packed very small", async () => {
    const result = await attemptAt(await meet(hostileReceivers.sendsZipBomb()));
    expect(result).toMatchObject({ delivered: true, excerpt: "x".repeat(1024) });
  });

  it.each([
    ["dripsBody", 200, true],
    ["dripsBody", 500, false],
    ["hangsInBody", 200, true],
    ["hangsInBody", 500, false],
  ] as const)("decides by the status and hangs up: %s (%d)", async (name, status, delivered) => {
    const receiver = await meet(hostileReceivers[name](status));
    const result = await attemptAt(receiver, { timeoutSeconds: HURRIED });
    expect(result).toMatchObject({ delivered, status });
    if (name === "dripsBody") expect(result.excerpt).toMatch(/^\.+$/);
    else expect(result.excerpt).toBe(delivered ? "" : "so far so good");
    await letGo(receiver);
  });

  it.each([
    [200, true, ""],
    [500, false, "half an answ"],
  ])("decides by the status where the answer breaks off (%d)", async (status, delivered, excerpt) => {
    const receiver = await meet(hostileReceivers.resetsInBody(status));
    expect(await attemptAt(receiver)).toMatchObject({ delivered, status, excerpt });
  });

  it("reports 410, 429, 503 and 500 as they are", async () => {
    expect(await attemptAt(await meet(hostileReceivers.gone()))).toMatchObject({
      status: 410,
      gone: true,
      excerpt: "gone",
    });
    expect(await attemptAt(await meet(hostileReceivers.tooManyRequests("9")))).toMatchObject({
      status: 429,
      retryAfterSeconds: 9,
    });
    expect(await attemptAt(await meet(hostileReceivers.unavailable("9")))).toMatchObject({
      status: 503,
      retryAfterSeconds: 9,
    });
    expect(await attemptAt(await meet(hostileReceivers.bigError()))).toMatchObject({
      status: 500,
      error: "status",
      excerpt: "e".repeat(1024),
    });
  });

  it("shows an answer that is no UTF-8 as text", async () => {
    const result = await attemptAt(await meet(hostileReceivers.invalidUtf8()));
    expect(result.excerpt).toBe("a\ufffd\ufffd(\ufffd\ufffd");
  });
});
