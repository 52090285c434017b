import { keepNewest } from "../kernel/bounded-map.ts";
import {
  NAME_CACHE_ENTRIES_MAX,
  NAME_LOOK_UP_MS,
  NAME_SECONDS_MAX,
  NAME_SECONDS_MIN,
  NAME_TROUBLE_SECONDS,
  NAME_UNRESOLVED_SECONDS,
} from "../kernel/limits.ts";
import { logLine } from "../kernel/log.ts";
import { type DnsAnswer, encodeQuestion, RECORD_TYPES, type RecordType, readAnswer } from "./dns-message.ts";
import { isPublicAddress } from "./public-address.ts";

/** `unresolved`: there is no such name now, or it has no address. */
export type NameVerdict = "allowed" | "refused" | "unresolved";

/** Says of a host's name whether the relay may connect to it. Never throws. */
export type NameLookUp = (hostname: string) => Promise<NameVerdict>;

export type NameLookUpDeps = {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  now: () => number;
  /** Where DNS over HTTPS is asked (RFC 8484). */
  resolverUrl: string;
  /** What is said of a name that the resolver gives no answer for. */
  onTrouble: "allowed" | "refused";
};

type Known = { verdict: NameVerdict; untilMs: number };

const DNS_MESSAGE = "application/dns-message";
const DNS_MESSAGE_BYTES_MAX = 65_535; // RFC 8484 §6

/** Where no resolver is configured. */
export const lookNothingUp: NameLookUp = async () => "allowed";

/**
 * Looks names up before a request goes to them: a public name may lead to a private address (`127.0.0.1.nip.io`). Refused is what has
 * **any** address that is not public. One per isolate: it keeps what it learns for as long as the answer says, within bounds; requests
 * share verdicts, never promises.
 *
 * It cannot stop a name whose servers answer the resolver one thing and the connection another, or something else a moment later
 * (rebinding): a Worker cannot connect to an address that it has checked. Nor, where `onTrouble` is "allowed", a name whose servers
 * are so slow that the resolver gives no answer in time. Behind it stands the platform: Workers have no private network around them,
 * and `global_fetch_strictly_public` keeps their requests off the zone that they run in.
 */
export function createNameLookUp(deps: NameLookUpDeps): NameLookUp {
  const names = new Map<string, Known>();
  return async function lookUp(hostname) {
    const known = names.get(hostname);
    if (known && deps.now() < known.untilMs) return known.verdict;
    const { verdict, seconds } = await judgeName(deps, hostname);
    keepNewest(names, hostname, { verdict, untilMs: deps.now() + seconds * 1000 }, NAME_CACHE_ENTRIES_MAX);
    return verdict;
  };
}

async function judgeName(deps: NameLookUpDeps, hostname: string): Promise<{ verdict: NameVerdict; seconds: number }> {
  const answers = await askForAddresses(deps, hostname);
  const addresses = answers.flatMap((answer) => answer?.addresses ?? []);
  const ttlSeconds = Math.min(...answers.map((answer) => answer?.ttlSeconds ?? Number.POSITIVE_INFINITY));
  const seconds = Math.max(NAME_SECONDS_MIN, Math.min(ttlSeconds, NAME_SECONDS_MAX));
  if (!addresses.every(isPublicAddress)) return { verdict: "refused", seconds };
  const trouble = { verdict: deps.onTrouble, seconds: NAME_TROUBLE_SECONDS };
  if (answers.includes(null)) return trouble;
  if (addresses.length === 0) return { verdict: "unresolved", seconds: NAME_UNRESOLVED_SECONDS };
  // Whoever has the name's servers answer for one type of addresses only hides those of the other.
  return answers.every((answer) => answer?.isWhole) ? { verdict: "allowed", seconds } : trouble;
}

/** In turn, and both within one deadline: an invocation has few connections. null: no answer. */
async function askForAddresses(deps: NameLookUpDeps, hostname: string): Promise<(DnsAnswer | null)[]> {
  const signal = AbortSignal.timeout(NAME_LOOK_UP_MS);
  const ask = async (type: RecordType): Promise<DnsAnswer | null> => {
    try {
      return await askResolver(deps, encodeQuestion(hostname, type), signal);
    } catch (error) {
      logLine("name_not_looked_up", { error: String(error) });
      return null;
    }
  };
  return [await ask(RECORD_TYPES.A), await ask(RECORD_TYPES.AAAA)];
}

async function askResolver(
  { fetch, resolverUrl }: NameLookUpDeps,
  question: Uint8Array,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const headers = { "content-type": DNS_MESSAGE, accept: DNS_MESSAGE };
  const answer = await fetch(resolverUrl, { method: "POST", headers, body: question, redirect: "manual", signal });
  if (!answer.ok) throw new Error(`the resolver answered ${answer.status}`);
  const message = readAnswer(await readBytes(answer));
  if (!message.ok) throw new Error("the resolver's answer is no DNS message");
  return message.value;
}

async function readBytes(answer: Response): Promise<Uint8Array> {
  const bytes = new Uint8Array(DNS_MESSAGE_BYTES_MAX);
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    if (length + chunk.length > bytes.length) throw new Error("the resolver's answer is too large");
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes.subarray(0, length);
}
