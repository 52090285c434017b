import { describe, expect, it } from "vitest";
import { BINARY, eventOf, openPublisher, STRUCTURED } from "./cloud-events.ts";

describe("an event that goes round in a circle", () => {
  it("is taken five times, and not a sixth", async () => {
    const { send, stored } = await openPublisher();
    expect((await send({ "Event-Hops": "5" }, "{}")).status).toBe(200);
    for (const headers of [{}, BINARY]) {
      const answer = await send({ ...headers, "Event-Hops": "6" }, "{}");
      expect(answer).toMatchObject({ status: 508, body: { type: expect.stringMatching(/\/loop-detected$/) } });
    }
    expect(stored().map(({ hops }) => hops)).toEqual([5]);
  });

  it.each(["-1", "1.5", "0x5", "five", "5, 5", "9999999999", "١"])(
    "says so by a number, and not by %j",
    async (hops) => {
      const { send } = await openPublisher();
      expect((await send({ "Event-Hops": encodeURI(hops) }, "{}")).status).toBe(400);
    },
  );
});

describe("headers of more than 32 KiB", () => {
  it("are too large, wherever all of them are read", async () => {
    const { publisher, send } = await openPublisher();
    const large = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`x-${i}`, "x".repeat(7_000)]));
    expect((await send({ ...BINARY, ...large }, "{}")).status).toBe(431);
    expect((await send({ ...STRUCTURED, ...large }, eventOf())).status).toBe(431);
    for (const path of ["/v1/apis", "/oauth2/default/v1/keys", "/directory/x"]) {
      const answer = await publisher.relay.call("GET", path, { headers: large });
      expect(answer.status).toBe(431);
      expect(answer.headers.get("X-Request-Id")).not.toBeNull();
    }
    expect((await send({ Authorization: `Bearer ${"a".repeat(5_000)}` }, "{}")).status).toBe(401);
  });
});
