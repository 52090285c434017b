import { expect, it, vi } from "vitest";
import { newSigningSecret } from "../../../src/domain/signature.ts";
import { newToken } from "../../../src/kernel/ids.ts";
import { LOGGED_IDS_MAX } from "../../../src/kernel/limits.ts";
import { listCounts, listIds, logLine, redact } from "../../../src/kernel/log.ts";

const JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhcHAifQ.c2lnbmF0dXJl-_";

it.each([
  ["an organization's token", newToken("rk_")],
  ["a session's id", newToken("rs_")],
  ["a portal link's token", newToken("rp_")],
  ["a publisher's secret", newToken("ps_")],
  ["an app's secret", newToken("as_")],
  ["a signing secret", newSigningSecret()],
  ["a JWT", JWT],
  ["an unsigned JWT", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhcHAifQ."],
])("takes %s out of a line, whatever stands around it", (_, secret) => {
  for (const around of [secret, `failed for ${secret}: no`, `https://a.example/?token=${secret}&x=1`, `"${secret}"`]) {
    const line = redact(JSON.stringify({ error: around }));
    expect(line).not.toContain(secret.slice(4, 24));
    expect(() => JSON.parse(line)).not.toThrow();
  }
});

it.each(["Bearer opaque-token-of-somebody", "basic dXNlcjpwYXNzd29yZA=="])("takes out what %s carries", (header) => {
  expect(redact(`authorization: ${header}`)).toBe(`authorization: ${header.split(" ")[0]} [redacted]`);
});

it("leaves alone what only begins like one", () => {
  for (const text of ["as_is", "rk_", "bearer of news", "mass_murder", "0192f0c1-7e1a-7000-8000-000000000000"]) {
    expect(redact(text)).toBe(text);
  }
});

it("is what every line goes through", () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  logLine("error", { error: `refused ${JWT}`, n: 1 });
  expect(log.mock.calls).toEqual([[JSON.stringify({ what: "error", error: "refused [redacted]", n: 1 })]]);
  log.mockRestore();
});

it("lists ids once, the first of many, and nothing where there is none", () => {
  expect(listIds(["a", null, "b", "a"])).toBe("a b");
  expect(listIds([null])).toBeUndefined();
  const many = Array.from({ length: LOGGED_IDS_MAX + 9 }, (_, i) => `id-${i}`);
  expect(listIds(many)).toBe(many.slice(0, LOGGED_IDS_MAX).join(" "));
});

it("counts words in the order in which they first came", () => {
  expect(listCounts(["503", "timeout", "503"])).toBe("503:2 timeout:1");
  expect(listCounts([])).toBeUndefined();
});
