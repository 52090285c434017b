import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Answer, type Receiver, startReceiver } from "../support/receivers.ts";
import {
  type Organization,
  readProgress,
  type Scene,
  setScene,
  startTestRelay,
  type TestRelay,
} from "../support/relay.ts";
import { ARRIVE, accept } from "../support/stage.ts";

/** CONTRACT §7: what a permission that is given, withdrawn or over means for events that are on their way at that moment. */

let relay: TestRelay;
const open: Receiver[] = [];

beforeAll(async () => {
  relay = await startTestRelay();
});
afterAll(async () => {
  await relay?.close();
  for (const receiver of open) await receiver.close();
});

type Stage = {
  scene: Scene;
  receiver: Receiver;
  owner: Organization;
  /** The subscription's id. */
  id: string;
  publish(n: number, headers?: Record<string, string>): Promise<string>;
  received(): string[];
};

async function setStage(answer: Answer = accept, settings: Record<string, unknown> = {}): Promise<Stage> {
  const receiver = await startReceiver(answer);
  open.push(receiver);
  const scene = await setScene(relay, { access: "consent", channels: ["orders", "returns"] });
  const { app, api, subscribing, publisher } = scene;
  const { id } = await subscribing.client.subscribe(app.id, { apiId: api.id, endpoint: receiver.url, ...settings });
  const owner = await relay.operator.createOrganization("Owner Ltd");
  const publish = (n: number, headers: Record<string, string> = {}): Promise<string> =>
    publisher.publish("orders", { n }, { "Data-Owner-Id": owner.id, partitionKey: "k", ...headers });
  const received = (): string[] => receiver.requests.map(({ headers }) => String(headers["webhook-id"]));
  return { scene, receiver, owner, id, publish, received };
}

const give = ({ owner, id }: Stage, terms: Record<string, unknown> = {}) =>
  owner.client.call<{ id: string }>("POST", "/v1/consents", { subscriptionId: id, ...terms });

/** Answers that wait until they are let go. */
function holdAnswers() {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const answer: Answer = (...asked) => void released.then(() => accept(...asked));
  return { answer, release };
}

/** Another owner's event goes all the way: whatever was due before it has been sent by then, or is not sent at all. */
async function letTimePass(stage: Stage): Promise<string> {
  const other = await relay.operator.createOrganization("Other Owner Ltd");
  await other.client.call("POST", "/v1/consents", { subscriptionId: stage.id });
  const id = await stage.publish(0, { "Data-Owner-Id": other.id, partitionKey: other.id });
  await vi.waitFor(() => expect(stage.received()).toContain(id), ARRIVE);
  return id;
}

describe("a consent that is revoked while an attempt is under way", () => {
  it("is answered when that attempt has ended, and nothing of the owner goes out after the answer", async () => {
    const held = holdAnswers();
    const stage = await setStage(held.answer);
    const consent = await give(stage);
    const first = await stage.publish(1);
    await vi.waitFor(() => expect(stage.received()).toEqual([first]), ARRIVE);
    const waiting = await Promise.all([2, 3, 4].map((n) => stage.publish(n)));

    let isAnswered = false;
    const revocation = stage.owner.client.call("POST", `/v1/consents/${consent.id}/revoke`, {}).then(() => {
      isAnswered = true;
    });
    // The log has heard of it once an event of that owner is no more of the subscription's backlog.
    await vi.waitFor(async () => {
      expect((await readProgress(stage.scene, stage.id)).backlog).toBeLessThan(4);
    }, ARRIVE);
    expect(isAnswered).toBe(false);
    held.release();
    await revocation;
    const atAnswer = stage.received();
    const after = await stage.publish(5);
    const other = await letTimePass(stage);
    expect(stage.received()).toEqual([...atAnswer, other]);
    for (const id of [...waiting, after]) expect(stage.received()).not.toContain(id);
  });

  it("is so too in a channel that the subscriber has just left", async () => {
    const held = holdAnswers();
    const stage = await setStage(held.answer);
    const consent = await give(stage);
    const { client } = stage.scene.subscribing;
    await client.call("POST", `/v1/subscriptions/${stage.id}/pause`, {});
    for (const n of [1, 2, 3, 4]) await stage.publish(n);
    await client.call("POST", `/v1/subscriptions/${stage.id}/resume`, {});
    await vi.waitFor(() => expect(stage.received()).toHaveLength(1), ARRIVE);
    await client.call("PATCH", `/v1/subscriptions/${stage.id}`, { channels: ["returns"] });
    const revocation = stage.owner.client.call("POST", `/v1/consents/${consent.id}/revoke`, {});
    const isEarly = await Promise.race([revocation.then(() => true), setTimeout(1_000, false)]);
    expect(isEarly).toBe(false);
    held.release();
    await revocation;
    const atAnswer = stage.received();
    await setTimeout(500);
    expect(stage.received()).toEqual(atAnswer);
  });

  it("and given again, is for what is accepted from then on: what waited before stays where it is", async () => {
    const stage = await setStage((response) => response.writeHead(500).end());
    const consent = await give(stage);
    const before = await Promise.all([1, 2, 3].map((n) => stage.publish(n, { partitionKey: `k${n}` })));
    await vi.waitFor(() => expect(stage.received().length).toBeGreaterThan(0), ARRIVE);
    await stage.owner.client.call("POST", `/v1/consents/${consent.id}/revoke`, {});
    await give(stage);
    const attempts = stage.received().length;
    const after = await stage.publish(4, { partitionKey: "k1" });
    await vi.waitFor(() => expect(stage.received().filter((id) => id === after).length).toBeGreaterThan(2), ARRIVE);
    for (const id of before) expect(stage.received().slice(attempts)).not.toContain(id);
  });
});

describe("a consent that is given while events are published", () => {
  it("is for all that are accepted after its answer, and for none that was before it was asked for", async () => {
    const stage = await setStage(accept, { start: "earliest" });
    const before: string[] = [];
    const after: string[] = [];
    const phase = { isAsked: false, isAnswered: false, isOver: false };
    const publishAlong = async (publisher: number): Promise<void> => {
      for (let n = 0; !phase.isOver; n++) {
        const { isAnswered } = phase;
        const id = await stage.publish(n, { partitionKey: `k${publisher}` });
        if (!phase.isAsked) before.push(id);
        if (isAnswered) after.push(id);
      }
    };
    const publishers = [1, 2, 3, 4].map(publishAlong);
    await vi.waitFor(() => expect(before.length).toBeGreaterThan(20), ARRIVE);
    phase.isAsked = true;
    await give(stage);
    phase.isAnswered = true;
    await vi.waitFor(() => expect(after.length).toBeGreaterThan(20), ARRIVE);
    phase.isOver = true;
    await Promise.all(publishers);
    await vi.waitFor(() => expect(stage.received()).toEqual(expect.arrayContaining(after)), ARRIVE);
    for (const id of before) expect(stage.received()).not.toContain(id);
  });
});

describe("a consent whose time is over", () => {
  it("stops what is being retried", async () => {
    const stage = await setStage((response) => response.writeHead(500).end());
    await give(stage, { expiresAt: new Date(Date.now() + 4_000).toISOString() });
    const id = await stage.publish(1);
    await vi.waitFor(() => expect(stage.received()).toContain(id), ARRIVE);
    await vi.waitFor(async () => {
      expect((await readProgress(stage.scene, stage.id)).backlog).toBe(0);
    }, ARRIVE);
    const attempts = stage.received().length;
    const other = await letTimePass(stage);
    expect(stage.received().slice(attempts)).toEqual(expect.arrayContaining([other]));
    expect(stage.received().slice(attempts)).not.toContain(id);
  });
});

describe("a share that ends", () => {
  it("stops deliveries, and begun again it is for what is accepted from then on", async () => {
    const stage = await setStage();
    const { publishing, subscribing, api } = stage.scene;
    await publishing.client.call("PATCH", `/v1/apis/${api.id}`, { visibility: "private", access: "open" });
    const share = `/v1/apis/${api.id}/shares/${subscribing.id}`;
    await publishing.client.call("PUT", share, {});
    const first = await stage.publish(1);
    await vi.waitFor(() => expect(stage.received()).toEqual([first]), ARRIVE);
    await publishing.client.call("DELETE", share);
    await stage.publish(2);
    await publishing.client.call("PUT", share, {});
    const third = await stage.publish(3);
    await vi.waitFor(() => expect(stage.received()).toContain(third), ARRIVE);
    expect(stage.received()).toEqual([first, third]);
  });
});
