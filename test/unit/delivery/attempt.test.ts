import { createHash, createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AttemptDeps, attemptDelivery, prepareTarget } from "../../../src/delivery/attempt.ts";
import { importSigningSecret, newSigningSecret } from "../../../src/domain/signature.ts";
import type { DeliveryTarget } from "../../../src/domain/subscription.ts";
import { makeDeps, makeEvent, makeTarget, NOW_MS, prepareOrThrow, SECRET, SOURCE } from "../../support/deliveries.ts";

const prepare = (target: Partial<DeliveryTarget> = {}, deps: Partial<AttemptDeps> = {}) =>
  prepareOrThrow(makeDeps(deps), makeTarget(target));

const attempt = async (target: Partial<DeliveryTarget> = {}, deps: Partial<AttemptDeps> = {}, event = makeEvent()) =>
  attemptDelivery(await prepare(target, deps), event);

const answering =
  (status: number, headers: Record<string, string> = {}, body: string | null = null): AttemptDeps["fetch"] =>
  async () =>
    new Response(body, { status, headers });

/** Never settles, whatever its signal says: the worst `fetch` there could be. */
const deafFetch: AttemptDeps["fetch"] = () => new Promise(() => {});

/** Runs an attempt up to the call of `fetch`: signing happens on other threads, which fake time does not move. */
async function begin(target: Partial<DeliveryTarget>, fetch: AttemptDeps["fetch"]) {
  const { promise: called, resolve } = Promise.withResolvers<AbortSignal | null | undefined>();
  const running = attempt(target, {
    fetch: (url, init) => {
      resolve(init.signal);
      return fetch(url, init);
    },
    now: Date.now,
  });
  return { signal: await called, running };
}

/** Settles with a body that gives one chunk and then nothing more. */
const hangingBody = (status: number): { fetch: AttemptDeps["fetch"]; cancelled: () => boolean } => {
  let cancelled = false;
  const fetch = async () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("so far")),
        cancel: () => {
          cancelled = true;
        },
      }),
      { status },
    );
  return { fetch, cancelled: () => cancelled };
};

type Sent = { url: string; init: RequestInit; headers: Headers };

async function capture(target: Partial<DeliveryTarget>, event = makeEvent()): Promise<Sent> {
  const sent: Sent[] = [];
  const fetch: AttemptDeps["fetch"] = async (url, init) => {
    sent.push({ url, init, headers: new Request(url, init).headers });
    return new Response(null, { status: 200 });
  };
  expect(await attempt(target, { fetch }, event)).toMatchObject({ delivered: true });
  const [only] = sent;
  if (only === undefined || sent.length > 1) throw new Error(`${sent.length} requests`);
  return only;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "log").mockImplementation(() => {});
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the request of an attempt", () => {
  it("posts the published bytes themselves, without following redirects", async () => {
    const event = makeEvent({ body: new Uint8Array([0x7b, 0x0d, 0x0a, 0x00, 0xff, 0x7d]) });
    const { url, init } = await capture({}, event);
    expect(url).toBe("https://hooks.example.com/in");
    expect(init.method).toBe("POST");
    expect(init.body).toBe(event.body);
    expect(init.redirect).toBe("manual");
  });

  it("carries id, time of the attempt and signature of Standard Webhooks", async () => {
    const event = makeEvent();
    const { headers } = await capture({}, event);
    const seconds = Math.floor(NOW_MS / 1000);
    const hmac = createHmac("sha256", Buffer.from(SECRET.slice(6), "base64"));
    hmac.update(`${event.id}.${seconds}.`).update(event.body);
    expect(headers.get("webhook-id")).toBe(event.id);
    expect(headers.get("webhook-timestamp")).toBe(String(seconds));
    expect(headers.get("webhook-signature")).toMatch(/^v1,\S{44} v1a,\S{88}$/);
    expect(headers.get("webhook-signature")?.split(" ")[0]).toBe(`v1,${hmac.digest("base64")}`);
  });

  it("signs the bytes that are sent, where they are not the published ones", async () => {
    const { init, headers } = await capture({ format: "cloudevents", structured: true, signature: "rfc9421" });
    const body = init.body as Uint8Array;
    expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({ specversion: "1.0", id: makeEvent().id });
    const hmac = createHmac("sha256", Buffer.from(SECRET.slice(6), "base64"));
    hmac.update(`${makeEvent().id}.${headers.get("webhook-timestamp")}.`).update(body);
    expect(headers.get("webhook-signature")).toContain(`v1,${hmac.digest("base64")} `);
    expect(headers.get("content-digest")).toBe(`sha-256=:${createHash("sha256").update(body).digest("base64")}:`);
    expect(headers.get("signature-input")).toContain(`created=${headers.get("webhook-timestamp")};`);
  });

  it("signs with every secret while they rotate", async () => {
    const sealedSigningSecrets = [SECRET, newSigningSecret()].map((sealed) => ({ sealed, expiresMs: null }));
    const { headers } = await capture({ sealedSigningSecrets });
    expect(headers.get("webhook-signature")).toMatch(/^v1,\S{44} v1,\S{44} v1a,\S{88}$/);
  });

  it("carries the app's delivery token and the content type as published", async () => {
    const { headers } = await capture({ appClientId: "app-7" }, makeEvent({ contentType: "application/vnd.x+json" }));
    expect(headers.get("authorization")).toBe("Bearer token-of-app-7");
    expect(headers.get("content-type")).toBe("application/vnd.x+json");
  });

  it("lets no static header take the place of the relay's, neither a present nor an absent one", async () => {
    const { headers } = await capture({
      headers: {
        "X-Api-Key": "k",
        AUTHORIZATION: "Basic forged",
        "Webhook-Signature": "v1,forged",
        "webhook-Id": "forged",
        "Partition-Key": "forged",
        "Data-Owner-Id": "forged",
        "content-type": "text/forged",
      },
    });
    expect(headers.get("x-api-key")).toBe("k");
    expect([...headers].join()).not.toContain("forged");
  });

  it("posts to /event/{channel} below the endpoint in format fortellis", async () => {
    const { url, headers } = await capture({ format: "fortellis", endpoint: "https://hooks.example.com/in?k=1" });
    expect(url).toBe("https://hooks.example.com/in/event/vehicles/updated?k=1");
    expect(headers.get("fortellis-event-id")).toBe(makeEvent().id);
    expect(headers.get("webhook-id")).toBe(makeEvent().id);
    expect(headers.get("webhook-signature")).toMatch(/^v1,/);
  });

  it("fetches the spelling of the endpoint that the guard has checked", async () => {
    const { url } = await capture({ endpoint: "HTTPS://HOOKS。example.com:443/a/../in" });
    expect(url).toBe("https://hooks.example.com/in");
  });

  it("calls fetch as a plain function, as the global one must be called", async () => {
    let self: unknown = "not called";
    const fetch: AttemptDeps["fetch"] = async function (this: unknown) {
      self = this;
      return new Response(null, { status: 200 });
    };
    await attempt({}, { fetch });
    expect(self).toBeUndefined();
  });
});

describe("what an answer means", () => {
  it.each([200, 201, 202, 204, 226, 299])("%d delivers", async (status) => {
    expect(await attempt({}, { fetch: answering(status) })).toMatchObject({ delivered: true, status, error: null });
  });

  it.each([300, 301, 302, 303, 304, 307, 308])("%d is a redirect, which fails", async (status) => {
    const result = await attempt({}, { fetch: answering(status, { location: "https://hooks.example.com/in" }) });
    expect(result).toMatchObject({ delivered: false, status, error: "redirect", gone: false });
  });

  it.each([400, 401, 404, 409, 422, 429, 500, 502, 503, 599])("%d fails with its status", async (status) => {
    const result = await attempt({}, { fetch: answering(status) });
    expect(result).toMatchObject({ delivered: false, status, error: "status", gone: false, retryAfterSeconds: null });
  });

  it("410 says that the endpoint is gone, but not in format fortellis", async () => {
    expect(await attempt({}, { fetch: answering(410) })).toMatchObject({
      gone: true,
      delivered: false,
      error: "status",
    });
    const fortellis = await attempt({ format: "fortellis" }, { fetch: answering(410) });
    expect(fortellis).toMatchObject({ gone: false, delivered: false, error: "status" });
  });

  it.each([429, 503])("%d may ask for silence, in seconds or until a date", async (status) => {
    const silenceAfter = async (value: string) =>
      (await attempt({}, { fetch: answering(status, { "retry-after": value }) })).retryAfterSeconds;
    expect(await silenceAfter("7")).toBe(7);
    expect(await silenceAfter(new Date(NOW_MS + 30_000).toUTCString())).toBe(30);
    expect(await silenceAfter("999999")).toBe(3600);
    expect(await silenceAfter("0")).toBe(1);
    expect(await silenceAfter("soon")).toBeNull();
  });

  it.each([200, 301, 400, 500])("%d with Retry-After asks for nothing", async (status) => {
    const result = await attempt({}, { fetch: answering(status, { "retry-after": "7" }) });
    expect(result.retryAfterSeconds).toBeNull();
  });

  it("keeps the beginning of the answer", async () => {
    const result = await attempt({}, { fetch: answering(500, {}, `no ${"x".repeat(5000)}`) });
    expect(result.excerpt).toBe(`no ${"x".repeat(1021)}`);
  });

  it("measures by its clock", async () => {
    let nowMs = NOW_MS;
    const fetch: AttemptDeps["fetch"] = async () => {
      nowMs += 250;
      return new Response(null, { status: 200 });
    };
    expect((await attempt({}, { fetch, now: () => nowMs })).ms).toBe(250);
  });
});

const DEADLINE_TICK_MS = 200; // deadlines are looked at that often

describe("what goes wrong on the way", () => {
  it("is a connection error where fetch rejects or throws", async () => {
    const failed = {
      delivered: false,
      status: 0,
      error: "connection",
      excerpt: "",
      retryAfterSeconds: null,
      gone: false,
    };
    expect(await attempt({}, { fetch: () => Promise.reject(new Error("reset")) })).toMatchObject(failed);
    const throwing = () => {
      throw new TypeError("at once");
    };
    expect(await attempt({}, { fetch: throwing })).toMatchObject(failed);
  });

  it("is a timeout where no answer comes in time, even from a fetch that cannot be aborted", async () => {
    const { signal, running } = await begin({ timeoutSeconds: 15 }, deafFetch);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1 + DEADLINE_TICK_MS);
    expect(await running).toMatchObject({ delivered: false, status: 0, error: "timeout" });
    expect(signal?.aborted).toBe(true);
  });

  it("never waits longer than the relay's own bound", async () => {
    const { running } = await begin({ timeoutSeconds: 3600 }, deafFetch);
    await vi.advanceTimersByTimeAsync(25_000 + DEADLINE_TICK_MS);
    expect(await running).toMatchObject({ error: "timeout" });
  });

  it("lets go of an answer that comes after the timeout", async () => {
    const late = hangingBody(200);
    const fetch: AttemptDeps["fetch"] = async (url, init) => {
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      return late.fetch(url, init);
    };
    const { running } = await begin({}, fetch);
    await vi.advanceTimersByTimeAsync(20_001);
    expect(await running).toMatchObject({ error: "timeout", delivered: false });
    expect(late.cancelled()).toBe(true);
  });

  it.each([
    [200, true, null],
    [500, false, "status"],
    [302, false, "redirect"],
  ])("decides by the status %d although the body hangs, and lets go of it soon", async (status, delivered, error) => {
    const hanging = hangingBody(status);
    const { running } = await begin({}, hanging.fetch);
    await vi.advanceTimersByTimeAsync(1_000 + DEADLINE_TICK_MS);
    expect(await running).toMatchObject({ status, delivered, error, excerpt: "so far" });
    expect(hanging.cancelled()).toBe(true);
  });

  it("gives a hanging body no more than what is left of the timeout", async () => {
    const hanging = hangingBody(500);
    const { running } = await begin({ timeoutSeconds: 0.1 }, hanging.fetch);
    await vi.advanceTimersByTimeAsync(100 + DEADLINE_TICK_MS);
    expect(await running).toMatchObject({ status: 500, error: "status" });
  });

  it("leaves no timer behind", async () => {
    await attempt({}, { fetch: answering(200, {}, "ok") });
    await attempt({}, { fetch: () => Promise.reject(new Error("reset")) });
    await vi.advanceTimersByTimeAsync(DEADLINE_TICK_MS);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a target that cannot be sent to", () => {
  const untouched: AttemptDeps["fetch"] = () => {
    throw new Error("must not be called");
  };

  it("is refused by the endpoint guard at each attempt", async () => {
    const endpointRules = { allowPrivate: false, relayOrigin: "https://relay.example.com" };
    const fetch = vi.fn(untouched);
    for (const endpoint of [
      "http://hooks.example.com/",
      "https://127.0.0.1/",
      "https://relay.example.com/",
      "nonsense",
    ]) {
      const result = await attempt({ endpoint }, { endpointRules, fetch });
      expect(result).toMatchObject({ delivered: false, status: 0, error: "endpoint_refused" });
    }
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each<[string, Partial<AttemptDeps>, Partial<DeliveryTarget>]>([
    ["a secret that does not open", { secretKey: () => Promise.reject(new Error("another key")) }, {}],
    ["a secret that is none", { secretKey: () => importSigningSecret("nonsense") }, {}],
    ["no secret at all", {}, { sealedSigningSecrets: [] }],
    ["a relay key that cannot be opened", { webhookKey: () => Promise.reject(new Error("no key")) }, {}],
    ["a token that cannot be signed", { appToken: () => Promise.reject(new Error("no key")) }, {}],
  ])("is the relay's own trouble with %s, and nothing goes out unsigned", async (_, deps, target) => {
    const lease = { target: makeTarget(target), sourceOrganizationId: SOURCE };
    const prepared = await prepareTarget(makeDeps({ ...deps, fetch: untouched }), lease);
    expect(prepared).toEqual({ ok: false, error: { reason: "not_ready" } });
    expect(console.log).toHaveBeenCalledOnce();
  });

  it("never logs a secret", async () => {
    const deps = makeDeps({ secretKey: () => importSigningSecret("whsec_this is secret!") });
    await prepareTarget(deps, { target: makeTarget(), sourceOrganizationId: SOURCE });
    expect(console.log).toHaveBeenCalledOnce();
    expect(JSON.stringify(vi.mocked(console.log).mock.calls)).not.toContain("this is secret");
  });

  it("fails inside the relay where an event has an impossible time, without touching the others", async () => {
    const target = await prepare({ format: "fortellis" });
    const broken = await attemptDelivery(target, makeEvent({ acceptedMs: Number.NaN }));
    expect(broken).toMatchObject({ delivered: false, error: "internal" });
    expect(await attemptDelivery(target, makeEvent())).toMatchObject({ delivered: true });
  });
});

describe("prepareTarget", () => {
  it("opens secrets and gets the token once for all attempts of a lease", async () => {
    const secretKey = vi.fn(importSigningSecret);
    const appToken = vi.fn(async () => "jwt");
    const target = await prepare({}, { secretKey, appToken });
    for (let seq = 1; seq <= 5; seq++) await attemptDelivery(target, makeEvent({ seq }));
    expect(secretKey).toHaveBeenCalledOnce();
    expect(appToken).toHaveBeenCalledOnce();
  });
});
