import { expect, test } from "vitest";
import { TOKEN_CACHE_ENTRIES_MAX } from "../../../src/kernel/limits.ts";
import { VerifiedTokens } from "../../../src/oauth/verified-tokens.ts";

const entry = { clientId: "c", kind: "publisher", expiresMs: 1, kid: "k" } as const;

test("holds a bounded number of tokens and lets the one go that was used longest ago", () => {
  const verified = new VerifiedTokens();
  for (let i = 0; i < TOKEN_CACHE_ENTRIES_MAX; i++) verified.put(`token-${i}`, entry);
  expect(verified.get("token-0")).toEqual(entry);
  verified.put("one more", entry);
  expect(verified.size).toBe(TOKEN_CACHE_ENTRIES_MAX);
  expect(verified.get("token-0")).toEqual(entry);
  expect(verified.get("token-1")).toBeUndefined();
});
