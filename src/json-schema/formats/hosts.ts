export const HOST_CHARS_MAX = 253; // RFC 1035 §2.3.4
export const LABEL_CHARS_MAX = 63;
const IPV6_CHARS_MAX = 45; // six groups and an IPv4 address
const EMAIL_CHARS_MAX = 320; // RFC 3696 §3: 64, "@" and 255

export const LABEL = /^[a-z\d](?:[a-z\d-]*[a-z\d])?$/i;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const HEX_GROUP = /^[\da-f]{1,4}$/i;
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const QUOTED_LOCAL_PART = /^"(?:[^"\\\r\n]|\\[^\r\n])*"$/;

/** RFC 1123 §2.1 */
export function isHostname(text: string): boolean {
  return text.length <= HOST_CHARS_MAX && text.split(".").every(isLabel);
}

/** One part of a host name. An encoded one (`xn--…`) must decode. */
export function isLabel(label: string): boolean {
  if (label.length > LABEL_CHARS_MAX || !LABEL.test(label)) return false;
  return !/^xn--/i.test(label) || URL.canParse(`http://${label}`);
}

/** RFC 2673 §3.2 */
export const isIpv4 = (text: string): boolean => IPV4.test(text);

/** RFC 4291 §2.2, without a zone. */
export function isIpv6(text: string): boolean {
  if (text.length > IPV6_CHARS_MAX) return false;
  const halves = text.split("::");
  const parts = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  if (halves.length > 2 || parts.length > 8) return false;
  // An IPv4 address at the end stands for two groups.
  const isMixed = parts.length > 0 && text.endsWith(parts.at(-1) ?? "") && isIpv4(parts.at(-1) ?? "");
  const groups = isMixed ? parts.slice(0, -1) : parts;
  if (!groups.every((group) => HEX_GROUP.test(group))) return false;
  const count = groups.length + (isMixed ? 2 : 0);
  return halves.length === 2 ? count <= 7 : count === 8;
}

/** RFC 5321 §4.1.2 */
export const isEmail = (text: string): boolean => isMailbox(text, LOCAL_PART, isHostname);

/** A mailbox whose parts before and after its "@" have these forms. */
export function isMailbox(text: string, localPart: RegExp, isHost: (text: string) => boolean): boolean {
  const at = text.lastIndexOf("@");
  if (at < 1 || text.length > EMAIL_CHARS_MAX) return false;
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  if (!localPart.test(local) && !QUOTED_LOCAL_PART.test(local)) return false;
  const literal = /^\[(?:(IPv6:)(.+)|(.+))\]$/.exec(domain);
  if (!literal) return isHost(domain);
  return literal[1] ? isIpv6(literal[2] ?? "") : isIpv4(literal[3] ?? "");
}
