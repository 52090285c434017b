import { createHmac, generateKeyPairSync, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { importSigningSecret, newSigningSecret, signWebhook } from "../../../src/domain/signature.ts";

const relayKey = generateKeyPairSync("ed25519");
const pkcs8 = relayKey.privateKey.export({ format: "der", type: "pkcs8" });
const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);

/** Standard Webhooks by hand, with another HMAC than the relay's. */
function expectedSignature(secret: string, id: string, timestamp: number, body: Uint8Array): string {
  const hmac = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64"));
  return `v1,${hmac.update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

async function signAll(secrets: string[], id: string, timestampSeconds: number, body: Uint8Array): Promise<string> {
  const signer = { secrets: await Promise.all(secrets.map(importSigningSecret)), privateKey };
  return signWebhook(signer, { id, timestampSeconds, body });
}

/** Checks the relay's own signature, which stands last, and answers the others. */
async function sign(secrets: string[], id: string, timestampSeconds: number, body: Uint8Array): Promise<string> {
  const [, shared = "", own = ""] = /^(.*) v1a,(\S+)$/.exec(await signAll(secrets, id, timestampSeconds, body)) ?? [];
  const content = Buffer.concat([Buffer.from(`${id}.${timestampSeconds}.`), body]);
  expect(verify(null, content, relayKey.publicKey, Buffer.from(own, "base64"))).toBe(true);
  return shared;
}

const ID = "019a3c7e-0000-7000-8000-000000000001";
const AT = 1_760_000_000;
const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");

describe("signWebhook", () => {
  it("gives the signature of the specification's own example", async () => {
    const signature = await sign(
      ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      1_614_265_330,
      bytes('{"test": 2432232314}'),
    );
    expect(signature).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  it.each([
    ["ASCII", bytes('{"a":1}')],
    ["an empty body", new Uint8Array()],
    ["characters of two, three and four bytes", bytes('{"name":"Čeněk 漢字 😀"}')],
    ["NUL bytes", new Uint8Array([0, 123, 0, 0, 125, 0])],
    ["a byte order mark", new Uint8Array([0xef, 0xbb, 0xbf, 0x31])],
    ["bytes that are no UTF-8", new Uint8Array([0xff, 0xfe, 0xc3, 0x28, 0x80])],
    ["line breaks as they came", bytes('{\r\n "a" : 1.0\r}\n')],
    ["a megabyte", new Uint8Array(1024 * 1024).fill(0x20)],
  ])("signs the bytes of %s as they are", async (_, body) => {
    const secret = newSigningSecret();
    expect(await sign([secret], ID, AT, body)).toBe(expectedSignature(secret, ID, AT, body));
  });

  it("signs only its part of a larger buffer", async () => {
    const secret = newSigningSecret();
    const part = bytes('xxxx{"a":1}yyyy').subarray(4, 11);
    expect(await sign([secret], ID, AT, part)).toBe(expectedSignature(secret, ID, AT, bytes('{"a":1}')));
  });

  it("gives one signature a secret, separated by spaces", async () => {
    const [older, newer] = [newSigningSecret(), newSigningSecret()];
    const body = bytes("{}");
    const expected = [older, newer].map((secret) => expectedSignature(secret, ID, AT, body)).join(" ");
    expect(await sign([older, newer], ID, AT, body)).toBe(expected);
  });

  it("depends on the id, the time and the body", async () => {
    const secret = newSigningSecret();
    const all = await Promise.all([
      signAll([secret], ID, AT, bytes("{}")),
      signAll([secret], `${ID}x`, AT, bytes("{}")),
      signAll([secret], ID, AT + 1, bytes("{}")),
      signAll([secret], ID, AT, bytes("{ }")),
    ]);
    const words = all.flatMap((signature) => signature.split(" "));
    expect(new Set(words).size).toBe(8);
  });
});

describe("importSigningSecret", () => {
  it("makes keys that cannot be exported", async () => {
    expect((await importSigningSecret(newSigningSecret())).extractable).toBe(false);
  });

  it.each(["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsk_AAAA", "whsec_not base64!", "WHSEC_AAAA"])(
    "refuses %j without repeating it",
    async (secret) => {
      const failure = await importSigningSecret(secret).catch((error: unknown) => String(error));
      expect(failure).toEqual(expect.any(String));
      if (secret.length > 6) expect(failure).not.toContain(secret.slice(6));
    },
  );
});

describe("newSigningSecret", () => {
  it("is whsec_ and 32 bytes of standard base64, another one each time", () => {
    const secrets = Array.from({ length: 50 }, newSigningSecret);
    for (const secret of secrets) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      expect(Buffer.from(secret.slice(6), "base64")).toHaveLength(32);
    }
    expect(new Set(secrets).size).toBe(secrets.length);
  });
});
