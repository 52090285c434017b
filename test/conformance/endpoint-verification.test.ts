import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RelayError } from "../../src/dev/relay-client.ts";
import { type Answer, hostileReceivers, type Receiver, startReceiver } from "../support/receivers.ts";
import { type Progress, readProgress, type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";
import { ARRIVE, accept } from "../support/stage.ts";

/** CONTRACT §7, `verification: "challenge"`: an endpoint gets nothing before it has agreed, as "HTTP 1.1 Web Hooks for Event Delivery" §4 says. */

type Told = Progress & { allowedRate: number | null; verificationError: string | null };

let relay: TestRelay;
let scene: Scene;
const open: Receiver[] = [];

beforeAll(async () => {
  relay = await startTestRelay();
  scene = await setScene(relay);
});
afterAll(async () => {
  await relay?.close();
  for (const receiver of open) await receiver.close();
});

async function meet(receiver: Promise<Receiver>): Promise<Receiver> {
  const started = await receiver;
  open.push(started);
  return started;
}

/** A receiver that answers the handshake in its own way and takes every delivery. */
const listen = (answer: Answer): Promise<Receiver> =>
  meet(
    startReceiver((response, request, count) => {
      if (request.method === "OPTIONS") answer(response, request, count);
      else accept(response, request, count);
    }),
  );

const agreeing =
  (headers: Record<string, string>, status = 200): Answer =>
  (response) =>
    response.writeHead(status, headers).end();

async function subscribe({ url }: Receiver, settings: Record<string, unknown> = {}): Promise<string> {
  const body = { apiId: scene.api.id, endpoint: `${url}/in?team=1`, verification: "challenge", ...settings };
  const { id, status } = await scene.subscribing.client.subscribe(scene.app.id, body);
  expect(status).toBe("unverified");
  return id;
}

const read = async (id: string): Promise<Told> => (await readProgress(scene, id)) as Told;

const untilStatus = (id: string, status: string): Promise<void> =>
  vi.waitFor(async () => expect((await read(id)).status).toBe(status), ARRIVE);

const untilToldWhy = (id: string): Promise<string> =>
  vi.waitFor(async () => {
    const { verificationError } = await read(id);
    if (verificationError === null) throw new Error("not asked yet");
    return verificationError;
  }, ARRIVE);

const verify = (id: string) => scene.subscribing.client.call<Told>("POST", `/v1/subscriptions/${id}/verify`, {});

const methodsAt = ({ requests }: Receiver): string[] => requests.map(({ method }) => method);

describe("an endpoint that agrees", () => {
  it.each([
    ["to this relay", { "WebHook-Allowed-Origin": "127.0.0.1" }, 200],
    ["to this relay, without a body", { "WebHook-Allowed-Origin": "127.0.0.1", Allow: "POST" }, 204],
    ["to everybody", { "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "*" }, 200],
  ])("%s gets what was published while it was asked", async (_, headers, status) => {
    let agree = () => {};
    const receiver = await listen((response) => {
      agree = () => response.writeHead(status, headers).end();
    });
    const id = await subscribe(receiver);
    await vi.waitFor(() => expect(methodsAt(receiver)).toEqual(["OPTIONS"]), ARRIVE);
    await scene.publisher.publish("orders", { n: 1 });
    await vi.waitFor(async () => expect((await read(id)).backlog).toBe(1), ARRIVE);
    expect(methodsAt(receiver)).toEqual(["OPTIONS"]);

    agree();
    await vi.waitFor(() => expect(methodsAt(receiver)).toEqual(["OPTIONS", "POST"]), ARRIVE);
    expect(await read(id)).toMatchObject({ status: "active", allowedRate: null });
    const [asked, delivered] = receiver.requests;
    expect(delivered?.headers["webhook-request-origin"]).toBe("127.0.0.1");
    expect(asked?.path).toBe("/in?team=1");
    expect(asked?.headers).toMatchObject({
      "webhook-request-origin": "127.0.0.1",
      "user-agent": expect.stringMatching(/^event-relay\//),
    });
    expect(asked?.headers.authorization).toBeUndefined();
  });

  it("to fewer requests than it is asked for gets no more", async () => {
    const receiver = await listen(agreeing({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "60" }));
    const id = await subscribe(receiver, { rateLimit: { perSecond: 100, burst: 100 } });
    await untilStatus(id, "active");
    expect(receiver.requests[0]?.headers["webhook-request-rate"]).toBe("6000");
    expect((await read(id)).allowedRate).toBe(60);
    const startedMs = performance.now();
    for (let n = 0; n < 4; n++) await scene.publisher.publish("orders", { n });
    await vi.waitFor(() => expect(receiver.requests).toHaveLength(5), ARRIVE);
    // One at once, and one a second from then on.
    expect(performance.now() - startedMs).toBeGreaterThan(2_500);
  });

  it("only when it is asked again is active then", async () => {
    const answers: Answer[] = [agreeing({}, 405), agreeing({ "WebHook-Allowed-Origin": "*" })];
    const receiver = await listen((...args) => answers.shift()?.(...args));
    const id = await subscribe(receiver);
    expect(await untilToldWhy(id)).toBe("The endpoint answered 405 to OPTIONS.");
    expect(await verify(id)).toMatchObject({ status: "active", verificationError: null });
  });
});

describe("an endpoint that does not agree", () => {
  const HURRIED = { timeoutSeconds: 1 };

  it.each([
    ["names another origin", agreeing({ "WebHook-Allowed-Origin": "relay.example.com" }), /neither this relay nor \*/],
    ["names several origins", agreeing({ "WebHook-Allowed-Origin": "127.0.0.1, *" }), /neither this relay nor \*/],
    ["knows nothing of the handshake", agreeing({ Allow: "GET, POST, OPTIONS" }), /no WebHook-Allowed-Origin/],
    ["does not take OPTIONS", agreeing({ "WebHook-Allowed-Origin": "*" }, 405), /answered 405/],
    ["redirects", agreeing({ "WebHook-Allowed-Origin": "*", Location: "/elsewhere" }, 307), /answered 307/],
    [
      "allows no rate that there is",
      agreeing({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "0" }),
      /WebHook-Allowed-Rate/,
    ],
    ["says nothing", () => {}, /did not answer in time/],
  ] as [string, Answer, RegExp][])("because it %s gets nothing", async (_, answer, why) => {
    const receiver = await listen(answer);
    const id = await subscribe(receiver, HURRIED);
    expect(await untilToldWhy(id)).toMatch(why);
    await scene.publisher.publish("orders", {});
    const refused = await verify(id).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 409 });
    expect((refused as RelayError).message).toMatch(why);
    expect(await read(id)).toMatchObject({ status: "unverified", backlog: 1 });
    expect(methodsAt(receiver)).toEqual(["OPTIONS", "OPTIONS"]);
  });

  it.each(["slowHeaders", "resets", "closesWithoutAnswer", "notHttp"] as const)(
    "because it is broken (%s) gets nothing",
    async (kind) => {
      const id = await subscribe(await meet(hostileReceivers[kind]()), HURRIED);
      expect(await untilToldWhy(id)).toMatch(/cannot be reached|in time/);
      expect((await read(id)).status).toBe("unverified");
    },
  );

  it("is let go of, whatever its answer's body", async () => {
    const receiver = await meet(hostileReceivers.sendsWithoutEnd());
    const id = await subscribe(receiver, HURRIED);
    expect(await untilToldWhy(id)).toMatch(/no WebHook-Allowed-Origin/);
    await vi.waitFor(() => expect(receiver.connections()).toBe(0), ARRIVE);
  });
});

describe("a changed endpoint", () => {
  it("gets nothing, nor does the old one, until it agrees", async () => {
    const first = await listen(agreeing({ "WebHook-Allowed-Origin": "*" }));
    const id = await subscribe(first);
    await untilStatus(id, "active");
    const second = await listen(agreeing({}, 404));
    const { status } = await scene.subscribing.client.call<Told>("PATCH", `/v1/subscriptions/${id}`, {
      endpoint: second.url,
    });
    expect(status).toBe("unverified");
    await scene.publisher.publish("orders", { n: 1 });
    expect(await untilToldWhy(id)).toMatch(/404/);
    expect(methodsAt(first)).toEqual(["OPTIONS"]);
    expect(methodsAt(second)).toEqual(["OPTIONS"]);
  });
});
