import { isTemplate, normalizeAddress, templatesOverlap } from "../../domain/channel-address.ts";
import { CHANNEL_CHARS_MAX } from "../../kernel/limits.ts";
import { type Findings, type Path, quote } from "./findings.ts";

const PARAMETERS = /\{([A-Za-z0-9_-]+)\}/g; // the names AsyncAPI allows
const CONTROL = /\p{Cc}/u;
const NOT_IN_A_PATH = /[?#\\]/; // a URL ends its path at the first two and reads the third as "/"

/** What keeps an address (without its leading slash) from being a path that events can be published to; null: nothing. */
function findFault(address: string): string | null {
  if (address === "") return "is empty";
  if (address.length > CHANNEL_CHARS_MAX) return `has more than ${CHANNEL_CHARS_MAX} characters`;
  if (CONTROL.test(address)) return "has a control character";
  if (!address.isWellFormed()) return "has half of a surrogate pair";
  const character = NOT_IN_A_PATH.exec(address)?.[0];
  if (character !== undefined) return `has a ${quote(character)}, which cannot stand in the path of a URL`;
  for (const segment of address.split("/")) {
    if (segment === "") return 'has an empty segment: a "/" at its end, or two in a row';
    if (segment === "." || segment === "..") return `has the segment ${quote(segment)}, which a URL resolves away`;
    if (/[{}]/.test(segment.replaceAll(PARAMETERS, ""))) {
      return `has the segment ${quote(segment)}: a parameter is "{name}", of letters, digits, "_" and "-"`;
    }
    if (segment.includes("}{")) return `has the segment ${quote(segment)}: nothing tells its two parameters apart`;
  }
  return null;
}

/** The address as the relay keeps it; undefined, and a finding, where nothing could be published to it. */
export function readAddress(text: string, path: Path, findings: Findings): string | undefined {
  const address = normalizeAddress(text);
  const fault = findFault(address);
  if (fault === null) return address;
  findings.add("relay-channel-address", path, `The channel address ${quote(text)} ${fault}.`);
  return undefined;
}

/** Names of the parameters of an address, in their order. */
export function parametersOf(address: string): string[] {
  return [...new Set(Array.from(address.matchAll(PARAMETERS), ([, name = ""]) => name))];
}

/** Finds addresses that are there twice, and templates that some path would match both of. */
export function checkCollisions(addresses: { address: string; path: Path }[], findings: Findings): void {
  const seen = new Set<string>();
  const templates: string[] = [];
  for (const { address, path } of addresses) {
    const other = templates.find((template) => templatesOverlap(template, address));
    if (seen.has(address)) {
      findings.add("relay-channel-duplicate", path, `Another channel has the address ${quote(address)} too.`);
    } else if (other !== undefined) {
      const message = `A path may match both ${quote(address)} and ${quote(other)}: it would not be clear which channel is meant.`;
      findings.add("relay-channel-overlap", path, message);
    }
    seen.add(address);
    if (isTemplate(address)) templates.push(address);
  }
}
