import { beforeEach, describe, expect, it } from "vitest";
import type { FeedPage } from "../../../../src/domain/feed.ts";
import { FEED_PAGE_VALID_MS } from "../../../../src/kernel/limits.ts";
import { type Json, Relay } from "../relay.ts";

let relay: Relay;
let apiId: string;
let token: string;

beforeEach(async () => {
  relay = new Relay();
  const publisher = await relay.organization("Publisher");
  const subscriber = await relay.organization("Subscriber");
  apiId = (await publisher.api(["orders"], { visibility: "public" })).id;
  const app: Json = await subscriber.app();
  await subscriber.call("POST", `/v1/apps/${app.id}/subscriptions`, { body: { apiId } });
  const body = { grant_type: "client_credentials", client_id: app.apiKey, client_secret: app.apiSecret };
  const headers = { "Content-Type": "application/json" };
  token = (await relay.call("POST", "/v1/token", { token: null, headers, body })).body.access_token;
});

/** A log of three events, a page each. */
function feedOf(seq: number): FeedPage {
  const event = {
    ...{ seq, id: `event-${seq}`, channel: "orders", partitionKey: `k${seq}`, dataOwnerId: null, acceptedMs: 0 },
    ...{ contentType: "application/json", body: new TextEncoder().encode("{}"), readers: [0] },
  };
  return {
    ...{ events: [event], after: seq - 1, upTo: seq, lastSeq: 3, firstSeq: 1, successors: [], ended: [], reading: 0 },
    validMs: FEED_PAGE_VALID_MS,
  };
}

const read = (what: string) => relay.call("GET", `/v1/apis/${apiId}/${what}`, { token });

describe("an export", () => {
  beforeEach(() => {
    relay.logs.feedOf = ({ after, subscriptions }) => {
      if (subscriptions.length === 0) return { ...feedOf(after === "latest" ? 3 : 0), events: [] };
      return feedOf(Number(after) + 1);
    };
  });

  it("is whole where it has its last line", async () => {
    const { status, text } = await read("export");
    expect(status).toBe(200);
    expect(text.split("\n").map((line) => (line === "" ? null : (JSON.parse(line).id ?? "end")))).toEqual([
      ...["event-1", "event-2", "event-3", "end", null],
    ]);
  });

  it("is cut, and not ended, where a log fails in the middle", async () => {
    let calls = 0;
    relay.logs.isDown = () => ++calls > 4;
    await expect(read("export")).rejects.toThrow("a log does not answer");
  });

  it("is refused where a log does not answer at all", async () => {
    relay.logs.isDown = () => true;
    expect((await read("export")).status).toBe(503);
    expect((await read("snapshot")).status).toBe(503);
  });
});
