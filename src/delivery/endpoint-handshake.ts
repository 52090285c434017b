import { HANDSHAKE_SECONDS_MAX, RATE_PER_SECOND_MAX } from "../kernel/limits.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { discard } from "./answer-excerpt.ts";
import { type AdmissionDeps, admitEndpoint, type NotAdmitted } from "./endpoint-admission.ts";
import { requestOrigin } from "./request-url.ts";

/** What an endpoint that agrees allows, in requests a minute; null: it named no bound. */
export type Agreement = { allowedRate: number | null };

/** `detail` is a sentence for the subscriber; nothing that the endpoint wrote is in it. */
export type NotAgreed = { reason: "endpoint_not_agreed"; detail: string };

export type HandshakeDeps = AdmissionDeps & {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  userAgent: string;
};

/** Who is asked, how long the answer may take, and for how many requests a second; null: nothing is said of a rate. */
export type HandshakeTarget = { endpoint: string; timeoutSeconds: number; perSecond: number | null };

const SECONDS_PER_MINUTE = 60;
const RATE_PER_MINUTE_MAX = RATE_PER_SECOND_MAX * SECONDS_PER_MINUTE;
const POSITIVE_INTEGER = /^[1-9]\d{0,14}$/;

/**
 * Asks an endpoint whether it agrees to get events of this relay: "HTTP 1.1 Web Hooks for Event Delivery" §4 (CloudEvents). It gets
 * no token and none of the subscriber's headers: nobody knows yet whose it is. Never throws.
 */
export async function askEndpoint(deps: HandshakeDeps, target: HandshakeTarget): Promise<Result<Agreement, NotAgreed>> {
  const admitted = await admitEndpoint(deps, target.endpoint);
  if (!admitted.ok) return notAgreed(WHY_NOT_ADMITTED[admitted.error.reason]);
  const origin = requestOrigin(deps.endpointRules.relayOrigin);
  const headers: Record<string, string> = { "webhook-request-origin": origin, "user-agent": deps.userAgent };
  if (target.perSecond !== null) {
    headers["webhook-request-rate"] = String(Math.ceil(target.perSecond * SECONDS_PER_MINUTE));
  }
  const signal = AbortSignal.timeout(Math.min(target.timeoutSeconds, HANDSHAKE_SECONDS_MAX) * 1000);
  try {
    const answer = await deps.fetch(admitted.value.href, { method: "OPTIONS", headers, redirect: "manual", signal });
    discard(answer.body);
    return readAgreement(answer, origin);
  } catch {
    return notAgreed(signal.aborted ? "The endpoint did not answer in time." : "The endpoint cannot be reached.");
  }
}

const WHY_NOT_ADMITTED: Record<NotAdmitted["reason"], string> = {
  endpoint_refused: "The endpoint leads to where this relay sends nothing.",
  connection: "The endpoint's name has no address.",
};

const notAgreed = (detail: string): { ok: false; error: NotAgreed } => err({ reason: "endpoint_not_agreed", detail });

/** Endpoints that know nothing of this answer OPTIONS, too: only the header says that one agrees (§4.2). */
function readAgreement({ status, ok: isOk, headers }: Response, origin: string): Result<Agreement, NotAgreed> {
  if (!isOk) return notAgreed(`The endpoint answered ${status} to OPTIONS.`);
  const allowedOrigin = headers.get("webhook-allowed-origin")?.trim();
  if (allowedOrigin === undefined) return notAgreed("The endpoint's answer has no WebHook-Allowed-Origin.");
  if (allowedOrigin !== "*" && allowedOrigin.toLowerCase() !== origin) {
    return notAgreed("The endpoint's WebHook-Allowed-Origin is neither this relay nor *.");
  }
  const rate = headers.get("webhook-allowed-rate")?.trim() ?? "*";
  if (rate === "*") return ok({ allowedRate: null });
  if (!POSITIVE_INTEGER.test(rate)) {
    return notAgreed("The endpoint's WebHook-Allowed-Rate is neither a positive whole number nor *.");
  }
  // More than the relay ever sends is no bound.
  return ok({ allowedRate: Number(rate) > RATE_PER_MINUTE_MAX ? null : Number(rate) });
}
