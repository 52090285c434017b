import { createPublicKey } from "node:crypto";
import { createVerifier, httpbis } from "http-message-signatures";
import { describe, expect, it } from "vitest";
import { type SignedRequest, signRequest } from "../../../src/delivery/message-signature.ts";
import { openWebhookKey, WEBHOOK_JWK } from "../../support/deliveries.ts";

const { kty, crv, x } = WEBHOOK_JWK;
const publicKey = createPublicKey({ key: { kty, crv, x }, format: "jwk" });

const REQUEST: SignedRequest = {
  url: "https://hooks.example.com/in/event/shops/17?team=1&q=%22",
  headers: { "content-type": "application/json", "webhook-id": "019a3c7e-0000-7000-8000-000000000001", "x-other": "1" },
  body: new TextEncoder().encode('{"hello": "world"}'),
  createdSeconds: Math.floor(Date.now() / 1000),
};

const sign = async (changes: Partial<SignedRequest> = {}) =>
  signRequest(await openWebhookKey(), { ...REQUEST, ...changes });

const isGood = (headers: Record<string, string>, { method = "POST", url = REQUEST.url } = {}) =>
  httpbis.verifyMessage(
    { keyLookup: async () => ({ verify: createVerifier(publicKey, "ed25519") }) },
    { method, url, headers },
  );

describe("the signature of a request", () => {
  it("is good for another library, and keeps the headers that were there", async () => {
    const headers = await sign();
    expect(headers).toMatchObject(REQUEST.headers);
    expect(await isGood(headers)).toBe(true);
  });

  it("stands for the body by RFC 9530's own example", async () => {
    const { "content-digest": digest } = await sign({ body: new TextEncoder().encode('{"hello": "world"}\n') });
    expect(digest).toBe("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
  });

  it.each(["content-type", "content-digest", "webhook-id"])("fails where %s was changed", async (name) => {
    const headers = await sign();
    expect(await isGood({ ...headers, [name]: `${headers[name]}x` })).toBe(false);
  });

  it("fails for another URL and another method", async () => {
    const headers = await sign();
    expect(await isGood(headers, { url: `${REQUEST.url}x` })).toBe(false);
    expect(await isGood(headers, { method: "PUT" })).toBe(false);
  });

  it("says nothing of headers that are not the relay's", async () => {
    expect(await isGood({ ...(await sign()), "x-other": "2" })).toBe(true);
  });
});
