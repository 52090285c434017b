import { describe, expect, it } from "vitest";
import { type AttemptDeps, attemptDelivery } from "../../../src/delivery/attempt.ts";
import { headerText } from "../../../src/delivery/attempt-request.ts";
import { checkEndpoint } from "../../../src/delivery/endpoint-guard.ts";
import type { StoredEvent } from "../../../src/domain/event.ts";
import { DeliveryFormat, type DeliveryTarget } from "../../../src/domain/subscription.ts";
import {
  makeDeps,
  makeEvent,
  makeTarget,
  NOW_MS,
  prepareOrThrow,
  SECRET,
  WEBHOOK_JWK,
} from "../../support/deliveries.ts";
import {
  addressEndpoints,
  foreignPortEndpoints,
  goodEndpoints,
  neverEndpoints,
  plainHttpEndpoints,
  privateNameEndpoints,
} from "../../support/endpoints.ts";

/** What differs between Node and workerd: its URL parser, its headers, its crypto, its streams. */

const ODD_TEXTS = ["é", "ключ", "😀", "a\r\nX-Injected: 1", "a\u0000b", "\u0001\u007f", "\ud800", " lead", "", "100%"];

async function attempt(
  target: Partial<DeliveryTarget>,
  event: Partial<StoredEvent>,
  answer: () => Response,
  clock: Partial<Pick<AttemptDeps, "now">> = {},
) {
  const requests: Request[] = [];
  const bodies: Uint8Array[] = [];
  const fetch: AttemptDeps["fetch"] = async (url, init) => {
    const request = new Request(url, init);
    requests.push(request);
    bodies.push(new Uint8Array(await request.arrayBuffer()));
    return answer();
  };
  const prepared = await prepareOrThrow(makeDeps({ fetch, ...clock }), makeTarget(target));
  const result = await attemptDelivery(prepared, makeEvent(event));
  const [request] = requests;
  const [body] = bodies;
  if (request === undefined || body === undefined) throw new Error("nothing was sent");
  return { result, request, body };
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

const accept = (): Response => new Response(null, { status: 204 });

describe("in workerd the endpoint guard", () => {
  const rules = { allowPrivate: false, relayOrigin: "https://relay.example.com" };
  const isTaken = (url: string): boolean => checkEndpoint(url, rules).ok;

  it("takes every good endpoint", () => {
    expect(goodEndpoints.filter((url) => !isTaken(url))).toEqual([]);
  });

  it.each([
    ["address", addressEndpoints],
    ["private name", privateNameEndpoints],
    ["http URL", plainHttpEndpoints],
    ["foreign port", foreignPortEndpoints],
    ["malformed one", neverEndpoints],
  ])("refuses every %s", (_, urls) => {
    expect(urls.filter(isTaken)).toEqual([]);
  });
});

describe("in workerd an attempt", () => {
  it.each(DeliveryFormat.options)("can send every odd text in its headers (%s)", async (format) => {
    for (const text of ODD_TEXTS) {
      const odd = {
        partitionKey: text,
        channel: text,
        dataOwnerId: text,
        requestId: text,
        originRequestId: text,
        traceparent: text,
        contentType: text,
      };
      const { result, request } = await attempt({ format, headers: { "X-Odd": text } }, odd, accept);
      expect(result).toMatchObject({ delivered: true, status: 204 });
      expect(request.headers.get("x-odd")).toBe(headerText(text));
      expect(request.headers.get("x-request-id")).toBe(headerText(text));
      expect(request.headers.has("x-injected")).toBe(false);
    }
  });

  it("keeps the channel below /event", async () => {
    for (const [channel, path] of [
      ["../../admin", "/in/event/%252E%252E/%252E%252E/admin"],
      ["%2e%2e/x", "/in/event/%252e%252e/x"],
      ["a\\..\\b", "/in/event/a%5C..%5Cb"],
      ["漢字/é", "/in/event/%E6%BC%A2%E5%AD%97/%C3%A9"],
    ] as const) {
      const { request } = await attempt({ format: "fortellis" }, { channel }, accept);
      expect(new URL(request.url).pathname).toBe(path);
    }
  });

  it("sends the published bytes with a signature that holds for them", async () => {
    const published = new Uint8Array([0x00, 0xff, 0xc3, 0x28, 0xef, 0xbb, 0xbf, 0x0d, 0x0a]);
    const { request, body } = await attempt({}, { body: published }, accept);
    expect(body).toEqual(published);

    const seconds = Math.floor(NOW_MS / 1000);
    const head = new TextEncoder().encode(`${request.headers.get("webhook-id")}.${seconds}.`);
    const content = new Uint8Array([...head, ...published]);
    const words = (request.headers.get("webhook-signature") ?? "").split(" ").map((word) => word.split(","));
    expect(words.map(([version]) => version)).toEqual(["v1", "v1a"]);
    const [mac, signature] = words.map(([, text = ""]) => bytesOf(text));
    const secret = { name: "HMAC", hash: "SHA-256" };
    const shared = await crypto.subtle.importKey("raw", bytesOf(SECRET.slice(6)), secret, false, ["verify"]);
    expect(await crypto.subtle.verify("HMAC", shared, mac ?? content, content)).toBe(true);
    const { d: _, ...publicJwk } = WEBHOOK_JWK;
    const relay = await crypto.subtle.importKey("jwk", publicJwk, "Ed25519", false, ["verify"]);
    expect(await crypto.subtle.verify("Ed25519", relay, signature ?? content, content)).toBe(true);
  });

  it("reads little of an endless answer", async () => {
    let given = 0;
    let cancelled = false;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            given += 4096;
            controller.enqueue(new Uint8Array(4096).fill(0x61));
          },
          cancel() {
            cancelled = true;
          },
        }),
        { status: 500 },
      );
    const { result } = await attempt({}, {}, endless);
    expect(result).toMatchObject({ delivered: false, status: 500, error: "status", excerpt: "a".repeat(1024) });
    expect(given).toBeLessThan(128 * 1024);
    expect(cancelled).toBe(true);
  });

  it("delivers although the answer's body never ends", async () => {
    const hanging = () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode("so far 漢")),
        }),
      );
    const { result } = await attempt({ timeoutSeconds: 0.2 }, {}, hanging, { now: Date.now });
    expect(result).toMatchObject({ delivered: true, status: 200, error: null, excerpt: "so far 漢" });
  });

  it("times out where no answer comes", async () => {
    const prepared = await prepareOrThrow(
      makeDeps({ now: Date.now, fetch: () => new Promise(() => {}) }),
      makeTarget({ timeoutSeconds: 0.05 }),
    );
    expect(await attemptDelivery(prepared, makeEvent())).toMatchObject({ delivered: false, error: "timeout" });
  });
});
