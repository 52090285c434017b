import { ENDPOINT_URL_CHARS_MAX } from "../kernel/limits.ts";
import { err, ok, type Result } from "../kernel/result.ts";

/** `allowPrivate` is for local use: it permits http, addresses instead of names, private names and any port. */
export type EndpointRules = { allowPrivate: boolean; relayOrigin: string };

/** `detail` is a sentence for the subscriber; it never repeats the URL. */
export type EndpointRefused = { reason: "endpoint_refused"; detail: string };

// The URL parser drops or trims some of these and turns backslashes round: two programs would read two different URLs.
const READ_DIFFERENTLY = /[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\\]/u;
const HTTP_AUTHORITY = /^https?:\/\/([^/?#]+)/i;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const HOST_CHARS_MAX = 253; // RFC 1035 §2.3.4 without the length octets
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;
const PUBLIC_PORTS = ["", "443", "8443"];

/** Names that never leave a local network: RFC 6761 §6.3, RFC 6762 §3 and appendix G, RFC 8375, ICANN's `.internal`. */
const PRIVATE_SUFFIXES = [
  "localhost",
  "local",
  "internal",
  "localdomain",
  "localdomain6",
  "home.arpa",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
];

/** Public-looking names behind which clouds serve credentials to their machines; the others end in `.internal` or are addresses. */
const METADATA_HOSTS = [
  "metadata.azure.com",
  "metadata.google.com",
  "metadata.packet.net",
  "metadata.platformequinix.com",
  "metadata.tencentyun.com",
];

/**
 * Whether the relay may post to this URL (CONTRACT §5, "Endpoints refused"). The URL it answers is the one to fetch: the parser has
 * folded every spelling of an address or a name (decimal, octal, percent-encoded, full-width, …) into one, and that one was checked.
 */
export function checkEndpoint(url: string, rules: EndpointRules): Result<URL, EndpointRefused> {
  const parsed = readHttpUrl(url);
  if (!parsed.ok) return parsed;
  const refusal =
    refusedAlways(parsed.value, rules) ?? (rules.allowPrivate ? null : refusedInPublic(parsed.value, rules));
  return refusal === null ? parsed : refuse(refusal);
}

const refuse = (detail: string): { ok: false; error: EndpointRefused } => err({ reason: "endpoint_refused", detail });

function readHttpUrl(text: string): Result<URL, EndpointRefused> {
  if (text.length > ENDPOINT_URL_CHARS_MAX)
    return refuse(`The URL is longer than ${ENDPOINT_URL_CHARS_MAX} characters.`);
  if (READ_DIFFERENTLY.test(text) || !text.isWellFormed())
    return refuse("The URL has a control character, a space or a backslash.");
  const authority = HTTP_AUTHORITY.exec(text)?.[1];
  if (authority === undefined) return refuse("The endpoint is not an http or https URL.");
  if (authority.includes("@")) return refuse("The URL has a user name or password.");
  if (text.includes("#")) return refuse("The URL has a fragment, which is never sent.");
  if (!URL.canParse(text)) return refuse("The endpoint is not a valid URL.");
  const url = new URL(text);
  if (url.href.length > ENDPOINT_URL_CHARS_MAX)
    return refuse(`The URL is longer than ${ENDPOINT_URL_CHARS_MAX} characters when encoded.`);
  return ok(url);
}

function refusedAlways({ hostname, host }: URL, rules: EndpointRules): string | null {
  if (!isAddress(hostname) && !isWellFormedName(hostname)) return "The host is not a well-formed name.";
  const relay = new URL(rules.relayOrigin);
  const sameHost = host === relay.host || (isLoopback(hostname) && isLoopback(relay.hostname));
  if (sameHost && portOf(host) === portOf(relay.host)) return "The endpoint is the relay itself.";
  return null;
}

function refusedInPublic({ protocol, hostname, port }: URL, rules: EndpointRules): string | null {
  if (protocol !== "https:") return "The endpoint is not https.";
  if (isAddress(hostname)) return "The host is an IP address; a name is needed.";
  if (!PUBLIC_PORTS.includes(port)) return "The port is neither 443 nor 8443.";
  if (!hostname.includes(".")) return "The host is not a full domain name.";
  if (PRIVATE_SUFFIXES.some((suffix) => isWithin(hostname, suffix))) return "The host is a private name.";
  if (METADATA_HOSTS.includes(hostname)) return "The host is a cloud's metadata service.";
  if (hostname === new URL(rules.relayOrigin).hostname) return "The endpoint is the relay itself.";
  return null;
}

const isAddress = (hostname: string): boolean => hostname.startsWith("[") || IPV4.test(hostname);

const isWithin = (hostname: string, domain: string): boolean => hostname === domain || hostname.endsWith(`.${domain}`);

const isWellFormedName = (hostname: string): boolean =>
  hostname.length <= HOST_CHARS_MAX && hostname.split(".").every((label) => LABEL.test(label));

const portOf = (host: string): string => /:(\d+)$/.exec(host)?.[1] ?? "";

function isLoopback(hostname: string): boolean {
  if (isWithin(hostname, "localhost") || hostname.startsWith("127.") || hostname === "0.0.0.0") return true;
  return hostname === "[::1]" || hostname === "[::]" || /^\[::ffff:(7f[0-9a-f]{2}:[0-9a-f]+|0:0)\]$/.test(hostname);
}
