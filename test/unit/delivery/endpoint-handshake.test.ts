import { describe, expect, it } from "vitest";
import { askEndpoint, type HandshakeDeps, type HandshakeTarget } from "../../../src/delivery/endpoint-handshake.ts";
import { lookNothingUp } from "../../../src/delivery/name-look-up.ts";
import { RATE_PER_SECOND_MAX, RATE_PER_SECOND_MIN } from "../../../src/kernel/limits.ts";

const TARGET: HandshakeTarget = { endpoint: "https://hooks.example.com/in?a=1", timeoutSeconds: 15, perSecond: null };

type Request = { url: string; init: RequestInit };

async function ask(
  answer: Response | (() => Promise<Response>),
  target: Partial<HandshakeTarget> = {},
  deps: Partial<HandshakeDeps> = {},
) {
  const requests: Request[] = [];
  const result = await askEndpoint(
    {
      fetch: async (url, init) => {
        requests.push({ url, init });
        return answer instanceof Response ? answer : answer();
      },
      userAgent: "event-relay/test",
      endpointRules: { allowPrivate: false, relayOrigin: "https://Relay.example.com:8443" },
      lookUpName: lookNothingUp,
      ...deps,
    },
    { ...TARGET, ...target },
  );
  return { result, requests };
}

const answering = (headers: Record<string, string>, status = 200): Response => new Response(null, { status, headers });

const agreeing = (rate?: string): Response =>
  answering({ "WebHook-Allowed-Origin": "*", ...(rate !== undefined && { "WebHook-Allowed-Rate": rate }) });

describe("the handshake", () => {
  it("is one OPTIONS request to the URL as registered, and follows nothing", async () => {
    const { requests } = await ask(agreeing());
    expect(requests).toEqual([
      {
        url: TARGET.endpoint,
        init: {
          method: "OPTIONS",
          headers: { "webhook-request-origin": "relay.example.com", "user-agent": "event-relay/test" },
          redirect: "manual",
          signal: expect.any(AbortSignal),
        },
      },
    ]);
  });

  it.each([
    [1, "60"],
    [0.5, "30"],
    [1.51, "91"],
    [RATE_PER_SECOND_MIN, "1"],
    [RATE_PER_SECOND_MAX, "600000"],
  ])("asks for %s requests a second as %s a minute", async (perSecond, perMinute) => {
    const { requests } = await ask(agreeing(), { perSecond });
    expect(new Headers(requests[0]?.init.headers).get("webhook-request-rate")).toBe(perMinute);
  });

  it.each(["refused", "unresolved"] as const)("sends nothing to a name that is %s", async (verdict) => {
    const { result, requests } = await ask(agreeing(), {}, { lookUpName: async () => verdict });
    expect(result).toMatchObject({ ok: false, error: { reason: "endpoint_not_agreed" } });
    expect(requests).toEqual([]);
  });

  it("sends nothing to an endpoint that its text refuses", async () => {
    const { result, requests } = await ask(agreeing(), { endpoint: "https://10.0.0.1/" });
    expect([result.ok, requests]).toEqual([false, []]);
  });

  it.each([
    ["does not answer in time", 0.05, () => new Promise<never>(() => {}), "The endpoint did not answer in time."],
    ["cannot be reached", 15, () => Promise.reject(new TypeError("refused")), "The endpoint cannot be reached."],
  ])("ends where the endpoint %s", async (_, timeoutSeconds, answer, detail) => {
    const fetch: HandshakeDeps["fetch"] = (_url, { signal }) =>
      Promise.race([
        answer(),
        new Promise<never>((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
      ]);
    const { result } = await ask(agreeing(), { timeoutSeconds }, { fetch });
    expect(result).toEqual({ ok: false, error: { reason: "endpoint_not_agreed", detail } });
  });
});

describe("an answer", () => {
  it.each(["relay.example.com", "RELAY.Example.com", " relay.example.com ", "*"])("agrees with %j", async (origin) => {
    const { result } = await ask(answering({ "WebHook-Allowed-Origin": origin }, 204));
    expect(result).toEqual({ ok: true, value: { allowedRate: null } });
  });

  it.each([
    "",
    "relay.example.com:8443",
    "https://relay.example.com",
    "evil.example.com",
    "relay.example.com.evil.example.com",
    "*.example.com",
    "**",
    "relay.example.com, *",
    "null",
  ])("does not agree with %j", async (origin) => {
    const { result } = await ask(answering({ "WebHook-Allowed-Origin": origin }));
    expect(result).toMatchObject({ ok: false, error: { detail: expect.stringMatching(/neither this relay nor \*/) } });
  });

  it.each([301, 302, 307, 308, 400, 401, 403, 404, 405, 410, 429, 500, 503])(
    "does not agree with status %i, whatever it says",
    async (status) => {
      const { result } = await ask(answering({ "WebHook-Allowed-Origin": "*" }, status));
      expect(result).toMatchObject({ ok: false, error: { detail: `The endpoint answered ${status} to OPTIONS.` } });
    },
  );

  it("does not agree by its status alone", async () => {
    expect((await ask(answering({ Allow: "POST" }))).result).toMatchObject({ ok: false });
  });

  it.each([
    [undefined, null],
    ["*", null],
    ["1", 1],
    ["120", 120],
    [" 120 ", 120],
    ["600000", 600_000],
    ["600001", null],
    ["999999999999999", null],
  ])("with the rate %j allows %j a minute", async (rate, allowedRate) => {
    expect((await ask(agreeing(rate))).result).toEqual({ ok: true, value: { allowedRate } });
  });

  it.each(["", "0", "-1", "1.5", "1e3", "0x10", "012", "many", "1, 2", "9999999999999999"])(
    "with the rate %j does not agree",
    async (rate) => {
      const { result } = await ask(agreeing(rate));
      expect(result).toMatchObject({ ok: false, error: { detail: expect.stringMatching(/WebHook-Allowed-Rate/) } });
    },
  );

  it("is never repeated in what the subscriber is told", async () => {
    const { result } = await ask(answering({ "WebHook-Allowed-Origin": "hunter2" }));
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });
});
