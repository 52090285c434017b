import { expect, it } from "vitest";
import { readReturnUrl } from "../../../../src/http/session/oidc/return-path.ts";

const ORIGIN = "https://relay.test";

it.each([
  ["/", "/"],
  ["/o/x/apis?tab=1#top", "/o/x/apis?tab=1#top"],
  ["/sign-in?next=//evil.example", "/sign-in?next=//evil.example"],
  // The path is the relay's own, as long as its origin stands before it.
  ["/..//evil.example", "//evil.example"],
  ["/.//evil.example", "//evil.example"],
  ["/ü", "/%C3%BC"],
  ["/a\r\nSet-Cookie: b", "/aSet-Cookie:%20b"],
])("the way back to %j is the relay's", (path, expected) => {
  expect(readReturnUrl(ORIGIN, path)).toBe(`${ORIGIN}${expected}`);
});

it.each([
  "",
  "o/x",
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n//evil.example",
  " //evil.example",
  "https://evil.example",
  "https:evil.example",
  "javascript:alert(1)",
  "//user@relay.test",
  "//relay.test:444/",
  `/${"x".repeat(2048)}`,
  // A letter of it takes nine characters.
  `/${"€".repeat(300)}`,
])("the way back to %j leads to the first page", (path) => {
  expect(readReturnUrl(ORIGIN, path)).toBe(`${ORIGIN}/`);
});
