import { describe, expect, it } from "vitest";
import { isStaticHeaderName } from "../../../src/domain/static-headers.ts";

describe("isStaticHeaderName", () => {
  it.each(["X-Api-Key", "x-tenant", "Accept", "Cookie", "X_Odd.Name~1", "__proto__"])("permits %s", (name) =>
    expect(isStaticHeaderName(name)).toBe(true),
  );

  it.each([
    ...["Authorization", "AUTHORIZATION", "Content-Type", "Content-Length", "Host", "Connection", "Transfer-Encoding"],
    ...["webhook-id", "Webhook-Signature", "webhook-anything", "X-Request-Id", "traceparent", "User-Agent"],
    ...["Event-Channel", "Partition-Key", "Data-Owner-Id", "Fortellis-Event-Id", "Source-Owner-Id"],
    ...["Origin-Request-Id", "deliveredTimestamp", "ce-id", "cf-connecting-ip", "Proxy-Authorization", "Expect"],
    ...["Content-Digest", "Signature", "Signature-Input", "Signature-Agent", "Event-Hops"],
    ...["", " ", "a b", "a:b", "a\r\nb", "é", "a\u0000", "(x)", "x".repeat(257)],
  ])("refuses %j", (name) => expect(isStaticHeaderName(name)).toBe(false));
});
