import { TRACESTATE_CHARS_MAX, TRACESTATE_MEMBERS_MAX } from "../kernel/limits.ts";

/** W3C Trace Context, as a publisher sends it and receivers get it. The relay passes it on and takes no span of its own. */
export type TraceContext = { traceparent: string | null; tracestate: string | null };

const NO_TRACE: TraceContext = { traceparent: null, tracestate: null };

// Trace Context §3.2.2: lower case, neither id all zero.
const VERSION_00 = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
// §3.2.4: of a later version (`ff` is none), what version 00 has stands first, and more may follow.
const LATER_VERSION = /^(?!00|ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

// §3.3.2: a key, and printable ASCII without comma and equals sign.
const MEMBER = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{1,256}$/;
const LONG_MEMBER_CHARS = 128; // of a list that is too long, those go first

/** What is not well formed is ignored, and is never an error (§3.2.2.5, §3.3.1). A tracestate belongs to a traceparent. */
export function readTraceContext(traceparent: string | null, tracestate: string | null): TraceContext {
  const parent = traceparent === null ? null : readTraceparent(traceparent);
  if (parent === null) return NO_TRACE;
  return { traceparent: parent, tracestate: tracestate === null ? null : readTracestate(tracestate) };
}

/** A later version goes on as the one that the relay knows; of its flags only "sampled" is known to mean the same. */
function readTraceparent(text: string): string | null {
  if (VERSION_00.test(text)) return text;
  const [, ids, flags] = LATER_VERSION.exec(text) ?? [];
  return ids && flags ? `00-${ids}-0${Number.parseInt(flags, 16) & 1}` : null;
}

/** The list as it came, without empty members. One that is too long loses whole members, the long ones first (§3.3.3.1). */
function readTracestate(text: string): string | null {
  const members = text
    .split(",")
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf("="))));
  if (members.length > TRACESTATE_MEMBERS_MAX || keys.size < members.length) return null;
  if (!members.every((member) => MEMBER.test(member))) return null;
  while (members.join(",").length > TRACESTATE_CHARS_MAX) {
    const long = members.findLastIndex((member) => member.length > LONG_MEMBER_CHARS);
    members.splice(long, 1);
  }
  return members.join(",") || null;
}

/** The id that all spans of a trace share; null: there is none. */
export const traceIdOf = (traceparent: string | null): string | null => traceparent?.split("-")[1] ?? null;
