import { describe, expect, test } from "vitest";
import { readTokenRequest } from "../../../src/oauth/token-request.ts";

const FORM = "application/x-www-form-urlencoded";
const NAMED = "grant_type=client_credentials&client_id=id&client_secret=s3cret";

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString("base64")}`;

function read(body: string | Uint8Array, given: { contentType?: string | null; authorization?: string } = {}) {
  const { contentType = FORM, authorization = null } = given;
  return readTokenRequest({ contentType, authorization, body: Buffer.from(body) });
}

const readJson = (body: unknown) => read(JSON.stringify(body), { contentType: "application/json" });
const request = (clientId: string, clientSecret: string, scope: string | null = null) => ({
  ok: true,
  value: { clientId, clientSecret, scope },
});
const refused = (reason: string) => ({ ok: false, error: expect.objectContaining({ reason }) });

describe("client_secret_post (RFC 6749 §2.3.1)", () => {
  test("names the client in a form", () => {
    expect(read(`${NAMED}&scope=anonymous`)).toEqual(request("id", "s3cret", "anonymous"));
    expect(read(NAMED, { contentType: `${FORM.toUpperCase()}; charset=UTF-8` })).toEqual(request("id", "s3cret"));
  });

  test("names the client in JSON, as existing Event Relay publishers do", () => {
    const body = { grant_type: "client_credentials", client_id: "id", client_secret: "s3cret" };
    expect(readJson({ ...body, scope: "anonymous" })).toEqual(request("id", "s3cret", "anonymous"));
    expect(readJson({ ...body, scope: null, expires: 5 })).toEqual(request("id", "s3cret"));
  });

  test("needs the id and the secret", () => {
    expect(read("grant_type=client_credentials&client_id=id")).toEqual(refused("client_not_named"));
    expect(read("grant_type=client_credentials&client_secret=s")).toEqual(refused("client_not_named"));
    expect(read("grant_type=client_credentials")).toEqual(refused("client_not_named"));
  });
});

describe("client_secret_basic (RFC 6749 §2.3.1, RFC 7617)", () => {
  const body = "grant_type=client_credentials";

  test("names the client in the header, whatever the case of the scheme", () => {
    expect(read(body, { authorization: basic("id:s3cret") })).toEqual(request("id", "s3cret"));
    const shouted = basic("id:s3cret").replace("Basic", "BASIC");
    expect(read(body, { authorization: shouted })).toEqual(request("id", "s3cret"));
  });

  test("has both halves form-encoded inside, and a secret may hold colons", () => {
    expect(read(body, { authorization: basic("i%2Bd:a+b%3Ac%C3%A9") })).toEqual(request("i+d", "a b:cé"));
    expect(read(body, { authorization: basic("id:a:b:c") })).toEqual(request("id", "a:b:c"));
  });

  test("goes with a JSON body too", () => {
    const authorization = basic("id:s3cret");
    const json = { contentType: "application/json", authorization };
    expect(read('{"grant_type":"client_credentials"}', json)).toEqual(request("id", "s3cret"));
  });

  test("may be repeated as client_id, but not contradicted", () => {
    const authorization = basic("id:s3cret");
    expect(read(`${body}&client_id=id`, { authorization })).toEqual(request("id", "s3cret"));
    expect(read(`${body}&client_id=other`, { authorization })).toEqual(refused("request_malformed"));
  });

  test.each([
    ["no base64", "Basic %%%"],
    ["no colon", basic("id")],
    ["no id", basic(":secret")],
    ["no secret", basic("id:")],
    ["broken percent-encoding", basic("id:%zz")],
    ["broken UTF-8", `Basic ${Buffer.from([0x69, 0x3a, 0xff, 0xfe]).toString("base64")}`],
    ["nothing behind the scheme", "Basic "],
    ["another scheme", "Bearer token"],
    ["control characters in the id", basic("i\r\nd:secret")],
    ["an id without end", basic(`${"i".repeat(101)}:secret`)],
    ["a header without end", basic(`id:${"s".repeat(4000)}`)],
  ])("is refused with %s", (_, authorization) => {
    expect(read(body, { authorization })).toEqual(refused("client_not_named"));
  });
});

describe("more than one way at once is refused", () => {
  test.each([
    ["header and secret", NAMED, basic("id:s3cret")],
    ["another scheme and secret", NAMED, "Bearer token"],
    ["secret and assertion", `${NAMED}&client_assertion=jwt`, undefined],
    ["header and assertion", "grant_type=client_credentials&client_assertion=jwt", basic("id:s3cret")],
  ])("%s", (_, body, authorization) => {
    expect(read(body, authorization === undefined ? {} : { authorization })).toEqual(refused("request_malformed"));
  });
});

describe("a request that is malformed", () => {
  test("repeats a parameter, known or not (RFC 6749 §3.2)", () => {
    expect(read(`${NAMED}&client_id=id`)).toEqual(refused("request_malformed"));
    expect(read(`${NAMED}&scope=a&scope=b`)).toEqual(refused("request_malformed"));
    expect(read(`${NAMED}&x=1&x=1`)).toEqual(refused("request_malformed"));
  });

  test("has no grant type, or one without a value, which is the same", () => {
    expect(read("client_id=id&client_secret=s")).toEqual(refused("request_malformed"));
    expect(read("grant_type=&client_id=id&client_secret=s")).toEqual(refused("request_malformed"));
    expect(read("")).toEqual(refused("request_malformed"));
  });

  test.each(["password", "authorization_code", "refresh_token", "CLIENT_CREDENTIALS", "__proto__"])(
    "asks for the grant %s, which is not given here",
    (grantType) => {
      expect(read(`grant_type=${grantType}&client_id=id&client_secret=s`)).toEqual(refused("grant_type_unsupported"));
    },
  );

  test.each(["text/plain", "multipart/form-data; boundary=x", "application/xml", null])(
    "comes as %s",
    (contentType) => {
      expect(read(NAMED, { contentType })).toEqual(refused("request_malformed"));
    },
  );

  test.each([
    ["not JSON", "{"],
    ["a list", "[]"],
    ["a text", '"grant_type"'],
    ["null", "null"],
    ["a secret that is a number", '{"grant_type":"client_credentials","client_id":"id","client_secret":1}'],
    ["an id that is an object", '{"grant_type":"client_credentials","client_id":{"a":1},"client_secret":"s"}'],
    ["deep nesting", "[".repeat(8000)],
  ])("is JSON, but %s", (_, body) => {
    expect(read(body, { contentType: "application/json" })).toEqual(refused("request_malformed"));
  });

  test("is not UTF-8", () => {
    expect(read(new Uint8Array([0x67, 0xff, 0xfe]))).toEqual(refused("request_malformed"));
  });
});

test("names like __proto__ pollute nothing", () => {
  expect(read(`${NAMED}&__proto__=x&constructor=y`)).toEqual(request("id", "s3cret"));
  const body = '{"__proto__":{"client_id":"id","client_secret":"s"},"grant_type":"client_credentials"}';
  expect(read(body, { contentType: "application/json" })).toEqual(refused("client_not_named"));
});
