import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { CountedPublisher } from "./counted-publisher.ts";
import { LivePublisher } from "./live-publisher.ts";
import { Relay } from "./relay.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

let lines: MockInstance<typeof console.log>;
beforeEach(() => {
  lines = vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => void lines.mockRestore());

const linesOf = (what: string) =>
  lines.mock.calls.map(([line]) => JSON.parse(String(line))).filter((line) => line.what === what);

describe("a publish that is refused", () => {
  it("is one line, which says by whom, for what, why, and in which trace", async () => {
    const publisher = new CountedPublisher();
    const { api, token } = await publisher.register();
    const requestId = crypto.randomUUID();
    const headers = {
      "X-Request-Id": requestId,
      traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
      partitionKey: "the key",
    };
    await publisher.publish("/orders/created", token, headers, '{"the":"payload"');
    expect(linesOf("publish_refused")).toEqual([
      {
        ...{ what: "publish_refused", requestId, path: "/v2/events/orders/created", reason: "body_not_json" },
        ...{ form: "plain", clientId: api.credentials.clientId, traceId: TRACE, ms: expect.any(Number) },
      },
    ]);
  });

  it("names its channel where it comes over a live connection, whose path does not", async () => {
    const publisher = new LivePublisher();
    const { api } = await publisher.register();
    const requestId = crypto.randomUUID();
    await publisher.publishLive(api.credentials.clientId, { channel: `nowhere/${"x".repeat(5_000)}`, requestId });
    const [line] = linesOf("publish_refused");
    expect(line).toEqual({
      ...{ what: "publish_refused", requestId, path: "/live", channel: expect.stringMatching(/^nowhere\/x{1016}$/) },
      ...{ reason: "channel_unknown", form: "live", clientId: api.credentials.clientId, ms: expect.any(Number) },
    });
  });

  it("says nothing of a publisher that it does not believe, nor of a trace that is none", async () => {
    const publisher = new CountedPublisher();
    await publisher.publish("/orders/created", "no-token-of-ours", { traceparent: "00-broken" });
    const [line] = linesOf("publish_refused");
    expect(Object.keys(line)).toEqual(["what", "requestId", "path", "reason", "form", "ms"]);
    expect(line).toMatchObject({ reason: "token_invalid" });
  });

  it("is no line where it is accepted: its log writes that, for all that it commits together", async () => {
    const publisher = new CountedPublisher();
    const { token } = await publisher.register();
    lines.mockClear();
    await publisher.publish("/orders/created", token);
    expect(lines.mock.calls).toEqual([]);
  });
});

describe("a change", () => {
  it("is one line, which says who did what to what, and whether it is in effect", async () => {
    const relay = new Relay();
    const organization = await relay.organization();
    const api = await organization.api(["orders/created", "orders/closed"]);
    lines.mockClear();
    const { headers } = await organization.call("PATCH", `/v1/apis/${api.id}`, { body: { retentionDays: 3 } });
    expect(linesOf("change")).toEqual([
      {
        ...{ what: "change", requestId: headers.get("X-Request-Id"), actor: expect.stringMatching(/^token:/) },
        ...{ action: "api.update", subject: api.id, organizations: organization.id },
        ...{ decisions: 1, pushes: 2, inEffect: true, ms: 0 },
      },
    ]);
  });

  it("that a log has not taken yet says so", async () => {
    const relay = new Relay();
    const organization = await relay.organization();
    const api = await organization.api(["orders/created"]);
    relay.logs.isDown = () => true;
    lines.mockClear();
    expect((await organization.call("PATCH", `/v1/apis/${api.id}`, { body: { retentionDays: 3 } })).status).toBe(503);
    expect(linesOf("change")).toMatchObject([{ pushes: 0, inEffect: false }]);
  });
});
