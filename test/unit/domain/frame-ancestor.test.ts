import { expect, it } from "vitest";
import { FrameAncestor, isLoopbackOrigin } from "../../../src/domain/frame-ancestor.ts";

const isOne = (text: unknown): boolean => FrameAncestor.safeParse(text).success;

it.each([
  "https://example.com",
  "https://app.example.com",
  "https://app.example.com:8443",
  "https://*.example.com",
  "https://*.eu.example.co.uk:444",
  "https://xn--bcher-kva.example",
  "https://a-b.example.com",
  "http://localhost",
  "http://localhost:3000",
  "https://localhost:3000",
  "http://127.0.0.1:8080",
])("%s may embed a portal", (origin) => {
  expect(isOne(origin)).toBe(true);
});

it.each([
  "",
  "*",
  "https:",
  "https://",
  "https://*",
  "https://*.com",
  "https://*example.com",
  "https://app.*.com",
  "https://*.*.example.com",
  "https://*.localhost",
  "http://example.com",
  "http://*.example.com",
  "http://localhost.example.com",
  "http://127.0.0.1.example.com",
  "//example.com",
  "example.com",
  "'self'",
  "'none'",
  "data:",
  "https://example",
  "https://example.com/",
  "https://example.com/path",
  "https://example.com?q",
  "https://example.com#f",
  "https://user@example.com",
  "https://Example.com",
  "https://exämple.com",
  "https://10.0.0.1",
  "https://[::1]",
  "https://example.com:",
  "https://example.com:0",
  "https://example.com:*",
  "https://example.com:123456",
  "https://-a.example.com",
  "https://a-.example.com",
  "https://a..example.com",
  "https://.example.com",
  "https://example.com.",
  "https://a.example.com https://b.example.com",
  "https://a.example.com,https://b.example.com",
  "https://a.example.com;script-src *",
  "https://a.example.com; script-src *",
  "https://a.example.com\n",
  "https://a.example.com\r\nX: y",
  " https://a.example.com",
  "https://a.example.com\u0000",
  `https://${"a".repeat(64)}.example.com`,
  `https://${"a.".repeat(200)}example.com`,
  null,
  7,
])("%j may not: it would say more, or less, in a policy", (origin) => {
  expect(isOne(origin)).toBe(false);
});

it("tells the developer's own machine from others", () => {
  expect(["http://localhost", "https://127.0.0.1:1", "http://localhost:3000"].every(isLoopbackOrigin)).toBe(true);
  expect(
    ["https://localhost.example.com", "https://example.com", "http://localhost@example.com"].some(isLoopbackOrigin),
  ).toBe(false);
});
