import { createPublicKey, randomUUID } from "node:crypto";
import OktaJwtVerifier from "@okta/jwt-verifier";
import { createVerifier, httpbis } from "http-message-signatures";
import { calculateJwkThumbprint, createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { publishRaw } from "../support/publish.ts";
import type { ReceivedRequest } from "../support/receivers.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { type Stage, setStage } from "../support/stage.ts";
import { fetchWebhookKeys, hasItsDigest, isSignedBy } from "../support/webhook-proof.ts";

/** CONTRACT §5: a receiver can prove where a delivery came from, with libraries that are not the relay's. */

const BODIES = [
  ["an object", '{"n":1}'],
  ["characters of two, three and four bytes", '{"name":"Čeněk 漢字 😀"}'],
  ["an escaped NUL", '{"text":"\\u0000 \\\\u0000"}'],
  ["a zero", "0"],
  ["an empty text", '""'],
  ["a mebibyte", `"${"é".repeat(524_287)}"`],
] as const;

let relay: TestRelay;
let stage: Stage;

beforeAll(async () => {
  relay = await startTestRelay();
  stage = await setStage(relay, { signature: "rfc9421" });
});
afterAll(async () => {
  await stage?.receiver.close();
  await relay?.close();
});

const tokenOf = ({ headers }: ReceivedRequest): string => String(headers.authorization).replace(/^Bearer /, "");

const replaced = (request: ReceivedRequest, body: string): ReceivedRequest => ({ ...request, body: Buffer.from(body) });

/** As a receiver checks it: the digest stands for the body, the signature for everything else. */
async function isGood(request: ReceivedRequest, url = stage.receiver.url + request.path): Promise<boolean> {
  const keys = await fetchWebhookKeys(relay.origin);
  const signed = await httpbis.verifyMessage(
    {
      requiredParams: ["created", "keyid", "alg"],
      requiredFields: ["@method", "@target-uri", "content-type", "content-digest", "webhook-id"],
      maxAge: 300,
      tolerance: 5,
      keyLookup: async ({ keyid, alg }) => {
        const listed = keys.find(({ id }) => id === keyid);
        if (!listed) return null;
        return {
          id: listed.id,
          algs: ["ed25519"],
          verify: createVerifier(createPublicKey({ key: listed.jwk, format: "jwk" }), String(alg)),
        };
      },
    },
    { method: request.method, url, headers: request.headers as Record<string, string> },
  );
  return signed === true && hasItsDigest(request);
}

describe("the signature of Standard Webhooks", () => {
  it.each(BODIES)("is good for its own library, the body being %s", async (_, body) => {
    const request = await stage.deliver(body);
    const headers = request.headers as Record<string, string>;
    const webhook = new Webhook(stage.signingSecret);
    expect(webhook.verify(request.body, headers)).toEqual(JSON.parse(body));
    expect(() => webhook.verify(`${request.body} `, headers)).toThrow();
    expect(() => webhook.verify(request.body, { ...headers, "webhook-id": randomUUID() })).toThrow();
    expect(() => new Webhook("whsec_c29tZSBvdGhlciBzZWNyZXQ=").verify(request.body, headers)).toThrow();
  });

  it.each(BODIES)("is the relay's own, by the key it lists, the body being %s", async (_, body) => {
    const request = await stage.deliver(body);
    const [key] = await fetchWebhookKeys(relay.origin);
    if (!key) throw new Error("no key");
    expect(isSignedBy(key, request)).toBe(true);
    expect(isSignedBy(key, replaced(request, `${body} `))).toBe(false);
  });
});

describe("a delivery to somebody else", () => {
  it("has the relay's signature, and is none for this receiver by its secret, its URL and its token", async () => {
    const attacker = await setStage(relay, { signature: "rfc9421" });
    const forged = await attacker.deliver('{"paid":true}');
    const [key] = await fetchWebhookKeys(relay.origin);
    expect(key && isSignedBy(key, forged)).toBe(true);
    const webhook = new Webhook(stage.signingSecret);
    expect(() => webhook.verify(forged.body, forged.headers as Record<string, string>)).toThrow();
    const own = await stage.deliver("1");
    expect(decodeJwt(tokenOf(forged)).sub).not.toBe(decodeJwt(tokenOf(own)).sub);
    expect(await isGood(forged, attacker.receiver.url + forged.path)).toBe(true);
    expect(await isGood(forged)).toBe(false);
    await attacker.receiver.close();
  });
});

describe("while a signing secret is replaced", () => {
  it("a receiver with either of them accepts, and after that only one with the new", async () => {
    const rotating = await setStage(relay);
    const rotate = (overlapSeconds: number) =>
      rotating.scene.subscribing.client.call<{ signingSecret: string }>(
        "POST",
        `/v1/subscriptions/${rotating.id}/rotate-secret`,
        { overlapSeconds },
      );
    const isAccepted = async (secret: string): Promise<boolean> => {
      const { headers, body } = await rotating.deliver("1");
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>);
        return true;
      } catch {
        return false;
      }
    };
    const { signingSecret: second } = await rotate(3600);
    expect(await isAccepted(rotating.signingSecret)).toBe(true);
    expect(await isAccepted(second)).toBe(true);
    const { signingSecret: third } = await rotate(0);
    expect(await isAccepted(second)).toBe(false);
    expect(await isAccepted(third)).toBe(true);
    await rotating.receiver.close();
  });
});

describe("the list of webhook keys", () => {
  it("is public, may be kept for five minutes, and names each key by its thumbprint", async () => {
    const answer = await fetch(`${relay.origin}/.well-known/webhook-keys`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    const [key, ...more] = await fetchWebhookKeys(relay.origin);
    expect(more).toEqual([]);
    expect(key).toEqual({
      id: await calculateJwkThumbprint(key?.jwk ?? {}),
      publicKey: expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/),
      jwk: { kty: "OKP", crv: "Ed25519", x: expect.any(String), kid: key?.id, use: "sig" },
      createdAt: expect.stringMatching(/Z$/),
      signsFrom: key?.createdAt,
    });
    expect(Buffer.from(key?.publicKey.slice(5) ?? "", "base64")).toEqual(Buffer.from(key?.jwk.x ?? "", "base64url"));
  });
});

describe("the HTTP Message Signature", () => {
  it.each(BODIES)("is good for another library, the body being %s", async (_, body) => {
    expect(await isGood(await stage.deliver(body))).toBe(true);
  });

  it("fails where body, URL, method or a header was changed", async () => {
    const request = await stage.deliver('{"n":1}');
    const changed = (headers: Record<string, string>) => ({ ...request, headers: { ...request.headers, ...headers } });
    expect(await isGood(request)).toBe(true);
    expect(await isGood(replaced(request, '{"n":2}'))).toBe(false);
    expect(await isGood(request, `${stage.receiver.url}/in?team=2`)).toBe(false);
    expect(await isGood({ ...request, method: "PUT" })).toBe(false);
    expect(await isGood(changed({ "content-type": "text/plain" }))).toBe(false);
    expect(await isGood(changed({ "webhook-id": randomUUID() }))).toBe(false);
    const stranger = changed({ "content-digest": `sha-256=:${"A".repeat(43)}=:` });
    expect(await isGood(stranger)).toBe(false);
    const input = String(request.headers["signature-input"]);
    const earlier = input.replace(/(?<=created=)\d+/, (seconds) => String(Number(seconds) - 1));
    expect(await isGood(changed({ "signature-input": earlier }))).toBe(false);
  });

  it("has exactly these parameters, and one label", async () => {
    const { headers } = await stage.deliver("1");
    const [key] = await fetchWebhookKeys(relay.origin);
    const created = headers["webhook-timestamp"];
    const covered = '("@method" "@target-uri" "content-type" "content-digest" "webhook-id")';
    expect(headers["signature-input"]).toBe(`relay=${covered};created=${created};keyid="${key?.id}";alg="ed25519"`);
    expect(headers.signature).toMatch(/^relay=:[A-Za-z0-9+/]{86}==:$/);
  });

  it("is there only where the subscription asks for it", async () => {
    const plain = await setStage(relay);
    const { headers } = await plain.deliver("1");
    await plain.receiver.close();
    for (const name of ["content-digest", "signature-input", "signature"]) expect(headers).not.toHaveProperty(name);
  });
});

describe("the token of a delivery", () => {
  const issuer = () => `${relay.origin}/oauth2/default`;

  it("is the app's for jose, with the keys that the relay lists", async () => {
    const token = tokenOf(await stage.deliver("1"));
    const metadata = (await (await fetch(`${issuer()}/.well-known/openid-configuration`)).json()) as {
      jwks_uri: string;
    };
    const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
    const { payload } = await jwtVerify(token, keys, { issuer: issuer(), audience: "api_providers" });
    expect(payload).toMatchObject({ sub: stage.scene.app.apiKey, scp: ["delivery"] });
  });

  it("is good for Okta's verifier, as receivers of the Event Relay contract use it", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const verifier = new OktaJwtVerifier({ issuer: issuer(), testing: { disableHttpsCheck: true } });
    const token = tokenOf(await stage.deliver("1"));
    const { claims } = await verifier.verifyAccessToken(token, "api_providers");
    expect(claims).toMatchObject({ sub: stage.scene.app.apiKey, cid: stage.scene.app.apiKey, scp: ["delivery"] });
    await expect(verifier.verifyAccessToken(token, "somebody_else")).rejects.toThrow();
    await expect(verifier.verifyAccessToken(`${token.slice(0, -8)}AAAAAAAA`, "api_providers")).rejects.toThrow();
  });

  it("opens nothing at the relay: no management call, no publish, no token", async () => {
    const token = tokenOf(await stage.deliver("1"));
    const described = (await (await fetch(`${relay.origin}/openapi.json`)).json()) as { paths: Record<string, object> };
    // Who signs in says their token in the body; what else there is of sessions asks for no token at all.
    const calls = Object.entries(described.paths).flatMap(([path, methods]) =>
      path.startsWith("/session") ? [] : Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
    expect(calls.length).toBeGreaterThan(40);
    for (const { method, path } of calls) {
      const url = relay.origin + path.replaceAll(/\{\w+\}/g, randomUUID());
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
      const answer = await fetch(url, { method, headers, ...(method !== "GET" && { body: "{}" }) });
      await answer.arrayBuffer();
      expect(`${method} ${path}: ${answer.status}`).toBe(`${method} ${path}: 401`);
    }
    const signIn = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }) };
    expect((await fetch(`${relay.origin}/session`, signIn)).status).toBe(401);
    expect((await publishRaw(relay.origin, { token })).status).toBe(401);
    const login = { grant_type: "client_credentials", client_id: stage.scene.app.apiKey, client_secret: token };
    expect((await fetch(`${issuer()}/v1/token`, { method: "POST", body: new URLSearchParams(login) })).status).toBe(
      401,
    );
  });
});
