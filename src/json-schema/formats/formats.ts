import { isIri, isIriReference, isUri, isUriReference, isUriTemplate } from "./addresses.ts";
import { isEmail, isHostname, isIpv4, isIpv6 } from "./hosts.ts";
import { isIdnEmail, isIdnHostname } from "./idn.ts";
import { isDate, isDateTime, isTime } from "./times.ts";

/** A form of text. `article`: what a text of that form is called; `sample`: one of them. */
export type Format = { article: string; holds: (text: string) => boolean; sample: string };

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;
const RELATIVE_POINTER = /^(?:0|[1-9]\d*)(?:#$|(?=\/|$))/;

/** RFC 6901 */
const isJsonPointer = (text: string): boolean => (text === "" || text.startsWith("/")) && !/~(?![01])/.test(text);

/** draft-handrews-relative-json-pointer-01 */
function isRelativeJsonPointer(text: string): boolean {
  const start = RELATIVE_POINTER.exec(text)?.[0];
  return start !== undefined && (start.endsWith("#") || isJsonPointer(text.slice(start.length)));
}

/** ECMA-262, with the `u` flag: what it does not define is no regular expression. */
function isRegex(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}

/** The formats of draft-07, and `uuid`. Each is checked in a time that grows with the text and not faster. */
export const FORMATS = new Map<string, Format>([
  [
    "date-time",
    { article: "a date and time as RFC 3339 writes it", holds: isDateTime, sample: "2026-01-31T12:00:00Z" },
  ],
  ["date", { article: "a date, YYYY-MM-DD", holds: isDate, sample: "2026-01-31" }],
  ["time", { article: "a time with its offset, as RFC 3339 writes it", holds: isTime, sample: "12:00:00Z" }],
  ["email", { article: "an email address", holds: isEmail, sample: "jane.doe@example.com" }],
  ["idn-email", { article: "an email address", holds: isIdnEmail, sample: "jane.doe@example.com" }],
  ["hostname", { article: "a host name", holds: isHostname, sample: "www.example.com" }],
  ["idn-hostname", { article: "a host name", holds: isIdnHostname, sample: "www.example.com" }],
  ["ipv4", { article: "an IPv4 address", holds: isIpv4, sample: "192.0.2.1" }],
  ["ipv6", { article: "an IPv6 address", holds: isIpv6, sample: "2001:db8::1" }],
  ["uri", { article: "a URI with its scheme", holds: isUri, sample: "https://example.com/path" }],
  ["uri-reference", { article: "a URI or a part of one", holds: isUriReference, sample: "/path" }],
  ["iri", { article: "an IRI with its scheme", holds: isIri, sample: "https://example.com/path" }],
  ["iri-reference", { article: "an IRI or a part of one", holds: isIriReference, sample: "/path" }],
  ["uri-template", { article: "a URI template", holds: isUriTemplate, sample: "/items/{id}" }],
  ["uuid", { article: "a UUID", holds: (text) => UUID.test(text), sample: "018f3c5e-7b1a-7c3d-9e4f-0123456789ab" }],
  ["json-pointer", { article: "a JSON Pointer", holds: isJsonPointer, sample: "/items/0" }],
  ["relative-json-pointer", { article: "a relative JSON Pointer", holds: isRelativeJsonPointer, sample: "1/items/0" }],
  ["regex", { article: "a regular expression", holds: isRegex, sample: "^[a-z]+$" }],
]);
