import { isIpv6 } from "./hosts.ts";

// RFC 3986 appendix B: the parts of a reference. Every text has some.
const PARTS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/;
const SCHEME = /^[a-z][a-z\d+.-]*$/i;
const AUTHORITY = /^(?:([^@]*)@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/;
const IP_FUTURE = /^v[\da-f]+\.[\w.~!$&'()*+,;=:-]+$/i;

/** What a part may not have: characters that are not of its set, and percent signs that escape nothing. */
type Excluded = { name: RegExp; path: RegExp; query: RegExp };

const URI: Excluded = {
  name: /[^\w.~!$&'()*+,;=:%-]|%(?![\da-f]{2})/i,
  path: /[^\w.~!$&'()*+,;=:@/%-]|%(?![\da-f]{2})/i,
  query: /[^\w.~!$&'()*+,;=:@/?%-]|%(?![\da-f]{2})/i,
};

// RFC 3987 §2.2: the same, and what is no ASCII.
const IRI: Excluded = {
  name: /[^\w.~!$&'()*+,;=:%\u{A0}-\u{10FFFF}-]|%(?![\da-fA-F]{2})/u,
  path: /[^\w.~!$&'()*+,;=:@/%\u{A0}-\u{10FFFF}-]|%(?![\da-fA-F]{2})/u,
  query: /[^\w.~!$&'()*+,;=:@/?%\u{A0}-\u{10FFFF}-]|%(?![\da-fA-F]{2})/u,
};

export const isUri = (text: string): boolean => isAddress(text, URI, true);
export const isUriReference = (text: string): boolean => isAddress(text, URI, false);
export const isIri = (text: string): boolean => isAddress(text, IRI, true);
export const isIriReference = (text: string): boolean => isAddress(text, IRI, false);

function isAddress(text: string, excluded: Excluded, needsScheme: boolean): boolean {
  const parts = PARTS.exec(text);
  if (!parts) return false;
  const [, scheme, authority, path = "", query = "", fragment = ""] = parts;
  if (scheme === undefined ? needsScheme : !SCHEME.test(scheme)) return false;
  if (authority !== undefined && !isAuthority(authority, excluded)) return false;
  return !excluded.path.test(path) && !excluded.query.test(query) && !excluded.query.test(fragment);
}

function isAuthority(text: string, excluded: Excluded): boolean {
  const [found, user = "", host = ""] = AUTHORITY.exec(text) ?? [];
  if (found === undefined || excluded.name.test(user)) return false;
  if (!host.startsWith("[")) return !excluded.name.test(host);
  const literal = host.slice(1, -1);
  return isIpv6(literal) || IP_FUTURE.test(literal);
}

const VARIABLE = "(?:\\w|%[\\da-f]{2})(?:\\.?(?:\\w|%[\\da-f]{2}))*(?::[1-9]\\d{0,3}|\\*)?";
const EXPRESSION = new RegExp(`\\{[+#./;?&=,!@|]?${VARIABLE}(?:,${VARIABLE})*\\}`, "gi");
const NO_LITERAL = /[\p{Cc} "'<>\\^`{|}]|%(?![\da-fA-F]{2})/u;

/** RFC 6570 §2 */
export const isUriTemplate = (text: string): boolean => !NO_LITERAL.test(text.replaceAll(EXPRESSION, ""));
