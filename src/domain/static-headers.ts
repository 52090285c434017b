const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/; // RFC 9110 §5.6.2, lower case

/** Names of the connection, of the relay's signature and identity, and of what an event says of itself. */
const RESERVED_NAMES = new Set([
  ...["accept-encoding", "connection", "content-encoding", "content-length", "content-type", "date"],
  ...["expect", "forwarded", "host", "http2-settings", "keep-alive", "origin", "set-cookie", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "via"],
  ...["authorization", "traceparent", "tracestate", "user-agent"],
  ...["content-digest", "signature", "signature-agent", "signature-input"],
  ...["data-owner-id", "deliveredtimestamp", "event-channel", "event-hops", "origin-request-id"],
  ...["partition-key", "partitionkey"],
  ...["source-owner-id", "x-request-id"],
]);
const RESERVED_PREFIXES = ["ce-", "cf-", "fortellis-", "proxy-", "sec-", "webhook-", "x-forwarded-", "x-real-ip"];

/** Whether this is the name of a header at all. */
export const isHeaderName = (name: string): boolean => HEADER_NAME.test(name.toLowerCase());

/** Whether a subscription may have a static header of this name: one that neither the relay nor the connection needs. */
export function isStaticHeaderName(name: string): boolean {
  const lower = name.toLowerCase();
  if (!isHeaderName(lower) || RESERVED_NAMES.has(lower)) return false;
  return !RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix));
}
