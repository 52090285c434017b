import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { topicLogs } from "../../../src/topic/client.ts";
import { BATCH, eventOf } from "./cloud-events.ts";
import { CountedPublisher } from "./counted-publisher.ts";

/** A publisher to real logs, with this rate. */
async function open(PUBLISH_RATE_LIMIT: string) {
  const publisher = new CountedPublisher({ logs: topicLogs(env.TOPIC_LOG), vars: { PUBLISH_RATE_LIMIT } });
  const organization = await publisher.relay.organization();
  const api = await organization.api();
  const token = await publisher.token(api.credentials.clientId);
  const another = await organization.call("POST", `/v1/apis/${api.id}/credentials`, { body: { name: "another" } });
  const publish = (headers: Record<string, string> = {}, body?: string, by = token) =>
    publisher.publish("/orders/created", by, headers, body);
  return { publish, another: await publisher.token(another.body.clientId) };
}

const rateOf = ({ status, headers }: Response) => ({
  status,
  policy: headers.get("RateLimit-Policy"),
  rate: headers.get("RateLimit"),
  retryAfter: headers.get("Retry-After"),
});

afterEach(() => vi.restoreAllMocks());

describe("a rate for publishers", () => {
  it("is told with each answer, and kept for each credential", async () => {
    const { publish, another } = await open("0.01/2");
    const policy = '"publish";q=2;w=200';
    expect(rateOf(await publish())).toEqual({ status: 200, policy, rate: '"publish";r=1;t=100', retryAfter: null });
    expect((await publish()).status).toBe(200);
    const refused = await publish();
    const retryAfter = refused.headers.get("Retry-After");
    expect(rateOf(refused)).toEqual({ status: 429, policy, rate: `"publish";r=0;t=${retryAfter}`, retryAfter });
    expect(Number(retryAfter)).toBeGreaterThan(90);
    expect(await refused.json()).toMatchObject({ status: 429, type: expect.stringMatching(/\/rate-limited$/) });
    expect((await publish({}, undefined, another)).status).toBe(200);
  });

  it("holds back no repeat of what was accepted", async () => {
    const { publish } = await open("0.01/1");
    const first = await publish({ "Idempotency-Key": "k" });
    expect((await publish()).status).toBe(429);
    const again = await publish({ "Idempotency-Key": "k" });
    expect(rateOf(again)).toMatchObject({ status: 200, rate: '"publish";r=0;t=100' });
    expect(await again.json()).toEqual(await first.json());
  });

  it("counts each event of a batch, which goes as a whole or not at all", async () => {
    const { publish } = await open("0.01/3");
    const batch = (...ids: string[]) => publish(BATCH, JSON.stringify(ids.map((id) => eventOf({ id }))));
    expect(rateOf(await batch("a", "b"))).toMatchObject({ status: 200, rate: '"publish";r=1;t=200' });
    expect((await batch("c", "d")).status).toBe(429);
    expect(rateOf(await batch("a", "b", "c"))).toMatchObject({ status: 200, rate: '"publish";r=0;t=300' });
  });

  it("is off unless it is set", async () => {
    const { publish } = await open("");
    for (let i = 0; i < 5; i++) {
      expect(rateOf(await publish())).toEqual({ status: 200, policy: null, rate: null, retryAfter: null });
    }
  });

  it.each(["50", "50/", "0/10", "50/0", "-1/5", "1e3/5", "50/1.5", "99999/1", "fast"])(
    "that is set to %j limits nobody, and is said once to be wrong",
    async (setting) => {
      const lines = vi.spyOn(console, "log").mockImplementation(() => {});
      const { publish } = await open(setting);
      for (let i = 0; i < 3; i++) expect(rateOf(await publish())).toMatchObject({ status: 200, policy: null });
      const said = lines.mock.calls.map(([line]) => String(line)).filter((line) => line.includes("setting_invalid"));
      expect(said).toHaveLength(1);
      expect(said[0]).toContain("PUBLISH_RATE_LIMIT");
    },
  );
});
