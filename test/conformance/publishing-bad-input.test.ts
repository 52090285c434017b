import { createHmac, createPublicKey, createSign, generateKeyPairSync } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { expectAccepted, expectProblem, type Publish, publishHeaderBytes, publishRaw } from "../support/publish.ts";
import { startReceiver } from "../support/receivers.ts";
import {
  addWitness,
  fetchToken,
  type Scene,
  setScene,
  startTestRelay,
  type TestRelay,
  type Witness,
} from "../support/relay.ts";
import { ARRIVE, accept } from "../support/stage.ts";

/** CONTRACT §4, what is refused: a clear error, nothing stored, nothing leaked. */

const MIB = 1024 * 1024;

let relay: TestRelay;
let scene: Scene;
let foreign: Scene;
let token: string;
let witness: Witness;

beforeAll(async () => {
  relay = await startTestRelay();
  scene = await setScene(relay);
  foreign = await setScene(relay, { channels: ["invoices"] });
  token = await tokenOf(scene);
  witness = await addWitness(scene);
});
afterAll(() => relay?.close());

const tokenOf = ({ api }: Scene): Promise<string> => fetchToken(relay.origin, api.credentials);

const createCredentials = ({ publishing, api }: Scene, settings: Record<string, unknown>) =>
  publishing.client.call<{ clientId: string; clientSecret: string }>(
    "POST",
    `/v1/apis/${api.id}/credentials`,
    settings,
  );

const countStored = (): Promise<number> => witness.countStored();

async function expectRefused(publish: Publish, status: number): Promise<void> {
  const before = await countStored();
  const answer = await publishRaw(relay.origin, publish);
  expectProblem(answer, status, [foreign.api.id, foreign.publishing.id, foreign.api.credentials.clientId]);
  expect(await countStored()).toBe(before);
}

const json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const headerOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split(".")[0] ?? "", "base64url").toString());
const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());

async function fetchPublicJwk(): Promise<{ kid: string; n: string; e: string; kty: string }> {
  const { keys } = (await (await fetch(`${relay.origin}/oauth2/default/v1/keys`)).json()) as {
    keys: { kid: string; n: string; e: string; kty: string }[];
  };
  const [key] = keys;
  if (!key) throw new Error("no key is published");
  return key;
}

describe("a body", () => {
  it.each<[string, string | Buffer]>([
    ["that is empty", ""],
    ["of white space", " \n"],
    ["that ends too early", '{"n":'],
    ["with a trailing comma", '{"n":1,}'],
    ["with single quotes", "{'n':1}"],
    ["of NaN", "NaN"],
    ["of two values", '{"n":1}{"n":2}'],
    ["of two lines of JSON", '{"n":1}\n{"n":2}'],
    ["with a comment", '{"n":1 /* one */}'],
    ["with a line break in a string", '"a\nb"'],
    ["of HTML", "<html></html>"],
    ["with a byte order mark", "\ufeff{}"],
    ["in UTF-16", Buffer.from('{"n":1}', "utf16le")],
    ["with a byte that no UTF-8 has", Buffer.from([0x22, 0xff, 0x22])],
    ["with an overlong slash", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ["with a surrogate in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ["with a character cut in two", Buffer.from([0x22, 0xe2, 0x82, 0x22])],
    ["nested 257 deep", "[".repeat(257) + "]".repeat(257)],
    ["nested 10,000 deep", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`],
    ["that only opens, a million times", "[".repeat(MIB)],
    ["that is packed", gzipSync('{"n":1}')],
  ])("%s is refused", async (_, body) => {
    await expectRefused({ token, body }, 400);
  });

  it.each([
    ["with its length", false],
    ["in chunks", true],
  ])("of 1 MiB and one byte is refused, %s", async (_, isChunked) => {
    await expectRefused({ token, body: `"${"x".repeat(MIB - 1)}"`, isChunked }, 413);
  });

  it.each([
    ["with its length", false],
    ["in chunks", true],
  ])("of 6 MB is refused before its end and its sender still gets the answer, %s", async (_, isChunked) => {
    const refused = { body: Buffer.alloc(6_000_000, "x"), isChunked };
    for (let i = 0; i < 20; i++) {
      expectProblem(await publishRaw(relay.origin, { ...refused, token }), 413);
      expectProblem(await publishRaw(relay.origin, { ...refused, token: null }), 401);
    }
  });

  it("that never comes does not hold up the answer", async () => {
    const { status } = await publishHeaderBytes(relay.origin, "x.y.z", "X-Sends: nothing", { body: "", length: 1000 });
    expect(status).toBe(401);
  });

  it("of 1 MiB is taken, in chunks too", async () => {
    const body = `"${"x".repeat(MIB - 2)}"`;
    for (const isChunked of [false, true]) expectAccepted(await publishRaw(relay.origin, { token, body, isChunked }));
  });

  it.each(["null", "true", "-1.5e300", '"text"', "[]", ' {"a":1,"a":2} ', "[".repeat(256) + "]".repeat(256)])(
    "of %s is one JSON value and taken",
    async (body) => {
      expectAccepted(await publishRaw(relay.origin, { token, body }));
    },
  );
});

describe("a media type", () => {
  it.each([
    "",
    "text/plain",
    "application/xml",
    "application/jsonp",
    "application/json; charset=iso-8859-1",
    `application/json; x=${"x".repeat(300)}`,
    "application/x-www-form-urlencoded",
    "*/*",
  ])("%j is refused, before anything else is looked at", async (type) => {
    await expectRefused({ token, headers: { "Content-Type": type } }, 415);
    await expectRefused({ token: null, path: "/v2/events/nowhere", headers: { "Content-Type": type }, body: "{" }, 415);
  });

  it.each(["application/json; charset=utf-8", 'application/json;charset="UTF-8"', "Application/JSON"])(
    "%j is JSON",
    async (type) => {
      expectAccepted(await publishRaw(relay.origin, { token, headers: { "Content-Type": type } }));
    },
  );
});

describe("a token", () => {
  it("is needed", async () => {
    await expectRefused({}, 401);
    expect((await publishRaw(relay.origin, {})).headers["www-authenticate"]).not.toContain("error");
  });

  it.each([
    ["another scheme", () => ({ Authorization: `Basic ${btoa("a:b")}` })],
    ["no token behind the scheme", () => ({ Authorization: "Bearer" })],
    ["two tokens", () => ({ Authorization: `Bearer ${token} ${token}` })],
    ["no token but a text", () => ({ Authorization: "Bearer ../../etc/passwd" })],
    ["a long text", () => ({ Authorization: `Bearer ${"a".repeat(8_000)}` })],
    ["the token of an operator", () => ({ Authorization: "Bearer test-operator-token" })],
  ])("is refused where it is %s", async (_, headers) => {
    await expectRefused({ headers: headers() }, 401);
  });

  it("in the query is none", async () => {
    await expectRefused({ path: `/v2/events/orders?access_token=${token}` }, 401);
  });

  it("of an organization is refused", async () => {
    const made = await scene.publishing.client.call<{ token: string }>(
      "POST",
      `/v1/organizations/${scene.publishing.id}/tokens`,
      { name: "another", role: "admin" },
    );
    await expectRefused({ token: made.token }, 401);
  });

  it("of an app is refused", async () => {
    const credentials = { clientId: scene.app.apiKey, clientSecret: scene.app.apiSecret };
    await expectRefused({ token: await fetchToken(relay.origin, credentials) }, 403);
  });

  it("of another API finds no such channel here", async () => {
    await expectRefused({ token: await tokenOf(foreign) }, 404);
  });

  it("that the relay showed a receiver opens nothing", async () => {
    const receiver = await startReceiver(accept);
    const subscription = { apiId: foreign.api.id, endpoint: receiver.url };
    await foreign.subscribing.client.subscribe(foreign.app.id, subscription);
    await foreign.publisher.publish("invoices", {});
    await vi.waitFor(() => expect(receiver.requests).toHaveLength(1), ARRIVE);
    const shown = String(receiver.requests[0]?.headers.authorization).slice("Bearer ".length);
    await receiver.close();
    await expectRefused({ token: shown }, 401);
    await expectRefused({ token: shown, path: "/v2/events/invoices" }, 401);
  });

  it("with another signature, other claims or none is refused", async () => {
    const [header = "", claims = "", signature = ""] = token.split(".");
    const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
    const other = json({ ...claimsOf(token), exp: Math.floor(Date.now() / 1000) + 86_400 });
    const another = json({ ...claimsOf(token), sub: foreign.api.credentials.clientId });
    for (const forged of [
      `${header}.${claims}.${flipped}`,
      `${header}.${other}.${signature}`,
      `${header}.${another}.${signature}`,
      `${header}.${claims}.`,
      `${header}.${claims}`,
    ]) {
      await expectRefused({ token: forged }, 401);
    }
  });

  it.each(["none", "None", "NONE", ""])("signed with alg %j is refused", async (alg) => {
    const head = json({ ...headerOf(token), alg });
    const [, claims, signature] = token.split(".");
    await expectRefused({ token: `${head}.${claims}.` }, 401);
    await expectRefused({ token: `${head}.${claims}.${signature}` }, 401);
  });

  it("signed by HS256 with the public key as the secret is refused", async () => {
    const jwk = await fetchPublicJwk();
    const publicKey = createPublicKey({ key: jwk, format: "jwk" });
    const secrets = [
      publicKey.export({ type: "spki", format: "pem" }),
      publicKey.export({ type: "spki", format: "der" }),
      Buffer.from(jwk.n, "base64url"),
      JSON.stringify(jwk),
    ];
    const content = `${json({ alg: "HS256", typ: "JWT", kid: jwk.kid })}.${token.split(".")[1]}`;
    for (const secret of secrets) {
      const signature = createHmac("sha256", secret).update(content).digest("base64url");
      await expectRefused({ token: `${content}.${signature}` }, 401);
    }
  });

  it("signed with a key of the attacker's is refused, whatever its header says of that key", async () => {
    const { kid } = await fetchPublicJwk();
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const jwk = pair.publicKey.export({ format: "jwk" });
    for (const header of [
      { kid },
      { kid: "unknown" },
      {},
      { kid, jwk },
      { jwk },
      { kid, jku: "http://127.0.0.1:9/keys" },
      { kid, crit: ["exp"] },
      { kid: "../../keys" },
      { kid: { toString: 1 } },
    ]) {
      const content = `${json({ alg: "RS256", typ: "JWT", ...header })}.${token.split(".")[1]}`;
      const signature = createSign("sha256").update(content).sign(pair.privateKey, "base64url");
      await expectRefused({ token: `${content}.${signature}` }, 401);
    }
  });

  it("with channels it is limited to publishes to no other", async () => {
    const limited = await setScene(relay, { channels: ["a", "b"] });
    const credentials = await createCredentials(limited, { name: "limited", channels: ["a"] });
    const limitedToken = await fetchToken(relay.origin, credentials);
    expectAccepted(await publishRaw(relay.origin, { token: limitedToken, path: "/v2/events/a" }));
    expectProblem(await publishRaw(relay.origin, { token: limitedToken, path: "/v2/events/b" }), 403);
    expectProblem(await publishRaw(relay.origin, { token: limitedToken, path: "/v2/events/c" }), 404);
  });

  it("of credentials that were revoked is refused from then on", async () => {
    const credentials = await createCredentials(scene, { name: "short-lived" });
    const short = await fetchToken(relay.origin, credentials);
    expectAccepted(await publishRaw(relay.origin, { token: short }));
    await scene.publishing.client.call("DELETE", `/v1/apis/${scene.api.id}/credentials/${credentials.clientId}`);
    await expectRefused({ token: short }, 401);
  });
});
