import ipaddr from "ipaddr.js";

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3"); // all that IANA has given out of IPv6

/**
 * Whether an address (4 or 16 bytes) is one that the whole internet reaches, and nothing in the relay's own network may be behind it.
 * Of the special ranges (IANA's registries: private, shared, documentation, …) none passes, those included that carry an IPv4 address
 * (mapped, NAT64, 6to4, Teredo): whatever they carry, a public webhook has an address of its own.
 */
export function isPublicAddress(bytes: Uint8Array): boolean {
  const address = ipaddr.fromByteArray([...bytes]);
  return address.range() === "unicast" && (address.kind() === "ipv4" || address.match(GLOBAL_UNICAST));
}
