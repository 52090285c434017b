import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RelayError } from "../../src/dev/relay-client.ts";
import type { Answer } from "../support/receivers.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { ARRIVE, arrivalAt, type Stage, setStage } from "../support/stage.ts";

/** CONTRACT §7: what became of each event, and what its subscriber and its publisher can do about it. */

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as they come.
type Json = any;

let relay: TestRelay;
const stages: Stage[] = [];

beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(async () => {
  await relay?.close();
  for (const { receiver } of stages) await receiver.close();
});

/** Fails events that say so, as often as they say. */
const asTold: Answer = (response, { body, headers }) => {
  const { fails = 0 } = JSON.parse(body.toString());
  const seen = failures.get(String(headers["webhook-id"])) ?? 0;
  failures.set(String(headers["webhook-id"]), seen + 1);
  response.writeHead(seen < fails ? 503 : 204).end(seen < fails ? "come back later" : "");
};
const failures = new Map<string, number>();

async function stage(settings: Record<string, unknown> = {}): Promise<Stage> {
  const made = await setStage(relay, settings, asTold);
  stages.push(made);
  return made;
}

const ask = ({ scene }: Stage, path: string): Promise<Json> => scene.subscribing.client.call("GET", path);
const askAsPublisher = ({ scene }: Stage, path: string): Promise<Json> => scene.publishing.client.call("GET", path);
const act = ({ scene }: Stage, path: string, body: unknown = {}): Promise<Json> =>
  scene.subscribing.client.call("POST", path, body);
const statusOf = (call: Promise<unknown>): Promise<number> =>
  call.then(
    () => 200,
    (error: RelayError) => error.status,
  );

const deliveries = async (s: Stage, query = ""): Promise<Json[]> =>
  (await ask(s, `/v1/subscriptions/${s.id}/deliveries${query}`)).data;
const statuses = async (s: Stage): Promise<Record<string, string>> =>
  Object.fromEntries((await deliveries(s)).map(({ eventId, status }) => [eventId, status]));

const NEVER = { initialSeconds: 3600, multiplier: 1, maxDelaySeconds: 3600, maxAttempts: null };
const ONCE = { ...NEVER, maxAttempts: 1 };

describe("the delivery log", () => {
  it("tells subscriber and publisher of each attempt; the answers of an endpoint are its subscriber's own", async () => {
    const s = await stage({ retry: { initialSeconds: 1, multiplier: 1, maxDelaySeconds: 1, maxAttempts: null } });
    const eventId = await s.publish('{"fails":1}', { partitionKey: "k" });
    await vi.waitFor(async () => expect(await statuses(s)).toEqual({ [eventId]: "delivered" }), ARRIVE);
    const id = `${s.id}.${eventId}`;
    const shown = {
      ...{ id, eventId, subscriptionId: s.id, channel: "orders", partitionKey: "k", status: "delivered" },
      ...{ acceptedAt: expect.any(String), nextAttemptAt: null },
    };
    const failed = { at: expect.any(String), ms: expect.any(Number), status: 503, error: "status" };
    const done = { ...failed, status: 204, error: null, response: null };
    const own = { ...shown, attempts: [{ ...failed, response: "come back later" }, done] };
    expect(await deliveries(s)).toEqual([own]);
    expect(await ask(s, `/v1/events/${eventId}/deliveries`)).toEqual({ data: [own], nextCursor: null });
    expect(await ask(s, `/v1/deliveries/${id}`)).toEqual(own);
    expect(await statusOf(askAsPublisher(s, `/v1/deliveries/${id}`))).toBe(404);
    expect(await statusOf(ask(s, `/v1/deliveries/${s.id}.${randomUUID()}`))).toBe(404);
    const publishers = { ...shown, attempts: [{ ...failed, response: null }, done] };
    expect((await askAsPublisher(s, `/v1/events/${eventId}/deliveries`)).data).toEqual([publishers]);
  });

  it("tells what waits, fails and is blocked, over all of an API's channels, page by page", async () => {
    const s = await stage({ retry: NEVER });
    const failing = await s.publish('{"fails":9}', { partitionKey: "k" });
    await vi.waitFor(async () => expect(await statuses(s)).toEqual({ [failing]: "failing" }), ARRIVE);
    const blocked = await s.publish("{}", { partitionKey: "k" });
    const done = await s.deliver("{}");
    expect(await statuses(s)).toEqual({
      [failing]: "failing",
      [blocked]: "blocked",
      [String(done.headers["webhook-id"])]: "delivered",
    });
    expect((await deliveries(s, "?status=blocked")).map(({ eventId }) => eventId)).toEqual([blocked]);
    expect((await deliveries(s, "?partitionKey=k")).map(({ eventId }) => eventId)).toEqual([blocked, failing]);
    const found: string[] = [];
    let cursor = "";
    do {
      const page = await ask(s, `/v1/subscriptions/${s.id}/deliveries?limit=1${cursor && `&cursor=${cursor}`}`);
      found.push(...page.data.map(({ eventId }: Json) => eventId));
      cursor = page.nextCursor;
    } while (cursor);
    expect(found).toEqual([done.headers["webhook-id"], blocked, failing]);
    expect(await statusOf(ask(s, `/v1/subscriptions/${s.id}/deliveries?cursor=nonsense`))).toBe(422);
    expect(await statusOf(ask(s, `/v1/subscriptions/${s.id}/deliveries?status=lost`))).toBe(422);
  });
});

describe("whoever is not approved any more", () => {
  it("sees what was sent before, and nothing of what comes then", async () => {
    const s = await stage();
    const { publishing } = s.scene;
    const sent = await s.deliver("{}");
    await vi.waitFor(async () => expect(Object.values(await statuses(s))).toEqual(["delivered"]), ARRIVE);
    await publishing.client.call("POST", `/v1/subscriptions/${s.id}/reject`, {});
    const kept = await s.publish('{"secret":7}', { partitionKey: "secret" });
    expect(Object.keys(await statuses(s))).toEqual([sent.headers["webhook-id"]]);
    expect(await statusOf(ask(s, `/v1/events/${kept}/deliveries`))).toBe(404);
    expect(await s.progress()).toMatchObject({ backlog: 0 });
    expect(await statusOf(act(s, `/v1/subscriptions/${s.id}/seek`, { to: "2020-01-01T00:00:00Z" }))).toBe(409);
    for (const action of ["retry", "skip"]) {
      expect(await statusOf(act(s, `/v1/deliveries/${s.id}.${kept}/${action}`))).toBe(409);
    }
    expect((await askAsPublisher(s, `/v1/events/${kept}/deliveries`)).data).toHaveLength(1);
    await publishing.client.call("POST", `/v1/subscriptions/${s.id}/approve`, {});
    await arrivalAt(s.receiver, kept);
  });
});

describe("a publisher's events", () => {
  it("are listed, searched and read, and nobody else's business", async () => {
    const s = await stage();
    const { api } = s.scene;
    const first = await s.publish('{"n":1}', { partitionKey: "k", "X-Request-Id": randomUUID() });
    const owner = randomUUID();
    const second = await s.publish('{"n":2}', { "Data-Owner-Id": owner });
    const list = async (query = "") =>
      (await askAsPublisher(s, `/v1/apis/${api.id}/events${query}`)).data.map(({ id }: Json) => id);
    expect(await list()).toEqual([second, first]);
    expect(await list("?partitionKey=k&channel=orders")).toEqual([first]);
    expect(await list(`?dataOwnerId=${owner}`)).toEqual([second]);
    expect(await list("?to=2020-01-01T00:00:00Z")).toEqual([]);
    const event = await askAsPublisher(s, `/v1/events/${first}`);
    expect(event).toMatchObject({ id: first, apiId: api.id, channel: "orders", partitionKey: "k", data: { n: 1 } });
    expect(await list(`?requestId=${event.requestId}`)).toEqual([first]);
    expect(await statusOf(ask(s, `/v1/events/${first}`))).toBe(404);
    expect(await statusOf(ask(s, `/v1/apis/${api.id}/events`))).toBe(404);
    expect(await statusOf(askAsPublisher(s, `/v1/events/${randomUUID()}`))).toBe(404);
  });
});

describe("a delivery", () => {
  it("can be retried at once, and skipped, so that its key goes on", async () => {
    const s = await stage({ retry: NEVER });
    const failing = await s.publish('{"fails":2}', { partitionKey: "k" });
    const blocked = await s.publish("{}", { partitionKey: "k" });
    await vi.waitFor(async () => expect(await statuses(s)).toMatchObject({ [failing]: "failing" }), ARRIVE);
    expect(await statusOf(act(s, `/v1/deliveries/${s.id}.${blocked}/retry`))).toBe(409);
    await act(s, `/v1/deliveries/${s.id}.${failing}/retry`);
    await vi.waitFor(async () => expect((await deliveries(s, "?status=failing"))[0].attempts).toHaveLength(2), ARRIVE);
    await act(s, `/v1/deliveries/${s.id}.${failing}/skip`);
    await arrivalAt(s.receiver, blocked);
    await vi.waitFor(
      async () => expect(await statuses(s)).toEqual({ [failing]: "skipped", [blocked]: "delivered" }),
      ARRIVE,
    );
    expect(await statusOf(act(s, `/v1/deliveries/${s.id}.${blocked}/skip`))).toBe(409);
    expect(await statusOf(act(s, `/v1/deliveries/${s.id}.${randomUUID()}/skip`))).toBe(404);
    await act(s, `/v1/deliveries/${s.id}.${failing}/retry`);
    await vi.waitFor(async () => expect((await statuses(s))[failing]).toBe("delivered"), ARRIVE);
  });

  it("that is dead comes back in bulk", async () => {
    const s = await stage({ retry: ONCE });
    const ids = [await s.publish('{"fails":1}'), await s.publish('{"fails":1}')];
    await vi.waitFor(async () => expect(await s.progress()).toMatchObject({ dead: 2 }), ARRIVE);
    expect(await act(s, `/v1/subscriptions/${s.id}/retry-dead`, { channel: "nowhere" })).toEqual({
      retried: 0,
      remaining: 0,
    });
    expect(await act(s, `/v1/subscriptions/${s.id}/retry-dead`)).toEqual({ retried: 2, remaining: 0 });
    await vi.waitFor(async () => {
      expect(await statuses(s)).toEqual(Object.fromEntries(ids.map((id) => [id, "delivered"])));
    }, ARRIVE);
  });
});

describe("a seek", () => {
  it("replays from an event or a time, once, what was delivered too", async () => {
    const s = await stage();
    const first = await s.deliver("{}", { partitionKey: "k" });
    const second = await s.deliver("{}", { partitionKey: "k" });
    const arrived = () => s.receiver.requests.map(({ headers }) => headers["webhook-id"]);
    const [a, b] = [first.headers["webhook-id"], second.headers["webhook-id"]];
    await act(s, `/v1/subscriptions/${s.id}/seek`, { to: b });
    await vi.waitFor(() => expect(arrived()).toEqual([a, b, b]), ARRIVE);
    await act(s, `/v1/subscriptions/${s.id}/seek`, { to: "2020-01-01T00:00:00Z" });
    await vi.waitFor(() => expect(arrived()).toEqual([a, b, b, a, b]), ARRIVE);
    await s.scene.subscribing.client.call("PATCH", `/v1/subscriptions/${s.id}`, { description: "told again" });
    await s.deliver("{}");
    expect(arrived().slice(0, 5)).toEqual([a, b, b, a, b]);
    expect(arrived()).toHaveLength(6);
    for (const to of [randomUUID(), "yesterday", 5, null]) {
      expect(await statusOf(act(s, `/v1/subscriptions/${s.id}/seek`, { to }))).toBe(422);
    }
  });
});
