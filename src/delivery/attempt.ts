import type { AttemptResult, Lease } from "../domain/delivery.ts";
import type { StoredEvent } from "../domain/event.ts";
import { readRetryAfterSeconds } from "../domain/retry-schedule.ts";
import { signWebhook } from "../domain/signature.ts";
import type { DeliveryTarget } from "../domain/subscription.ts";
import { ATTEMPT_SECONDS_MAX } from "../kernel/limits.ts";
import { logLine } from "../kernel/log.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { OpenedKey } from "../keys/keyring.ts";
import { discard, readExcerpt } from "./answer-excerpt.ts";
import { attemptMessage, readStaticHeaders, type Sender } from "./attempt-request.ts";
import { Deadlines } from "./deadlines.ts";
import { type AdmissionDeps, admitEndpoint, type NotAdmitted } from "./endpoint-admission.ts";
import { signRequest } from "./message-signature.ts";
import { type RequestUrl, requestUrl, splitEndpoint } from "./request-url.ts";

export type AttemptDeps = AdmissionDeps & {
  /** Called as a plain function, so the global `fetch` can be passed as it is. */
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  now: () => number;
  /** The key of one of a target's sealed signing secrets (`createSecretKeys`). */
  secretKey: (sealed: string) => Promise<CryptoKey>;
  /** The key that the relay signs every delivery with. */
  webhookKey: () => Promise<OpenedKey>;
  /** The app's delivery token (`createAppTokens`). */
  appToken: (appClientId: string) => Promise<string>;
  userAgent: string;
};

/** A lease's target, ready for any number of attempts. Made by `prepareTarget`; its inside is nobody else's business. */
export type PreparedTarget =
  | { kind: "not_admitted"; error: NotAdmitted["reason"] }
  | {
      kind: "ready";
      deps: AttemptDeps;
      form: Pick<DeliveryTarget, "format" | "structured" | "signature">;
      url: RequestUrl;
      sender: Sender;
      secrets: CryptoKey[];
      key: OpenedKey;
      timeoutMs: number;
      deadlines: Deadlines;
    };

type ReadyTarget = Extract<PreparedTarget, { kind: "ready" }>;

// Once its status is there an attempt is decided, and the next event of its key waits: a body that drips is not worth more.
const BODY_WAIT_MS = 1_000;

const NO_ANSWER = { delivered: false, status: 0, ms: 0, excerpt: "", retryAfterSeconds: null, gone: false };

/**
 * Does once per lease what all its attempts share. Never throws. An error is the relay's own trouble (a secret that does not open, a
 * token that cannot be signed): nothing can be attempted, and it is not the receiver's fault. An endpoint that is not admitted fails each attempt.
 */
export async function prepareTarget(
  deps: AttemptDeps,
  { target, sourceOrganizationId }: Pick<Lease, "target" | "sourceOrganizationId">,
): Promise<Result<PreparedTarget, { reason: "not_ready" }>> {
  const endpoint = await admitEndpoint(deps, target.endpoint);
  if (!endpoint.ok) return ok({ kind: "not_admitted", error: endpoint.error.reason });
  const nowMs = deps.now();
  const valid = target.sealedSigningSecrets.filter(({ expiresMs }) => expiresMs === null || expiresMs > nowMs);
  try {
    const [token, key, secrets] = await Promise.all([
      deps.appToken(target.appClientId),
      deps.webhookKey(),
      Promise.all(valid.map(({ sealed }) => deps.secretKey(sealed))),
    ]);
    if (secrets.length === 0) throw new Error("a target without a signing secret");
    return ok({
      kind: "ready",
      deps,
      form: target,
      url: splitEndpoint(endpoint.value, target),
      sender: {
        sourceOrganizationId,
        token,
        userAgent: deps.userAgent,
        relayOrigin: deps.endpointRules.relayOrigin,
        staticHeaders: readStaticHeaders(target.headers),
      },
      secrets,
      key,
      timeoutMs: Math.min(target.timeoutSeconds, ATTEMPT_SECONDS_MAX) * 1000,
      deadlines: new Deadlines(deps.now),
    });
  } catch (cause) {
    logTrouble("target_not_prepared", cause);
    return err({ reason: "not_ready" });
  }
}

/** Posts one event. Never throws; takes no longer than the target's timeout. */
export async function attemptDelivery(target: PreparedTarget, event: StoredEvent): Promise<AttemptResult> {
  if (target.kind === "not_admitted") return { ...NO_ANSWER, error: target.error };
  const startedMs = target.deps.now();
  const url = requestUrl(target.url, event.channel);
  let init: RequestInit;
  try {
    init = await buildRequest(target, event, { url, timestampSeconds: Math.floor(startedMs / 1000) });
  } catch (cause) {
    logTrouble("request_not_built", cause);
    return { ...NO_ANSWER, error: "internal" };
  }
  const result = await exchange(target, url, init);
  return { ...result, ms: target.deps.now() - startedMs };
}

function logTrouble(what: "target_not_prepared" | "request_not_built", cause: unknown): void {
  logLine(what, { error: cause instanceof Error ? cause.message : String(cause) });
}

async function buildRequest(
  { form, sender, secrets, key }: ReadyTarget,
  event: StoredEvent,
  { url, timestampSeconds }: { url: string; timestampSeconds: number },
): Promise<RequestInit> {
  const { headers, body } = attemptMessage(form, sender, event);
  const signer = { secrets, privateKey: key.privateKey };
  headers["webhook-id"] = event.id;
  headers["webhook-timestamp"] = String(timestampSeconds);
  headers["webhook-signature"] = await signWebhook(signer, { id: event.id, timestampSeconds, body });
  const signed =
    form.signature === "rfc9421"
      ? await signRequest(key, { url, headers, body, createdSeconds: timestampSeconds })
      : headers;
  return { method: "POST", headers: signed, body, redirect: "manual" };
}

async function exchange(target: ReadyTarget, url: string, init: RequestInit): Promise<AttemptResult> {
  const { deps, timeoutMs, deadlines } = target;
  const abort = new AbortController();
  const endMs = deps.now() + timeoutMs;
  const deadline = deadlines.start(endMs);
  try {
    const request = { ...init, signal: abort.signal };
    const answer = await Promise.race([fetchAnswer(deps.fetch, url, request), deadline.over]);
    if (answer === "over") return { ...NO_ANSWER, error: "timeout" };
    if (answer === "connection") return { ...NO_ANSWER, error: "connection" };
    deadline.atMs = Math.min(endMs, deps.now() + BODY_WAIT_MS);
    return { ...judge(answer, target), excerpt: await readExcerpt(answer, deadline.over) };
  } finally {
    deadlines.stop(deadline);
    if (deadline.isOver) abort.abort();
  }
}

async function fetchAnswer(
  fetch: AttemptDeps["fetch"],
  url: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<Response | "connection"> {
  try {
    const answer = await fetch(url, init);
    if (init.signal.aborted) discard(answer.body);
    return answer;
  } catch {
    return "connection";
  }
}

/** What a status says, whatever its body does afterwards. */
function judge({ status, headers }: Response, { form, deps }: ReadyTarget): Omit<AttemptResult, "excerpt"> {
  const delivered = status >= 200 && status < 300;
  const isRedirect = status >= 300 && status < 400;
  const mayAskForSilence = status === 429 || status === 503;
  return {
    delivered,
    status,
    ms: 0,
    error: delivered ? null : isRedirect ? "redirect" : "status",
    retryAfterSeconds: mayAskForSilence ? readRetryAfterSeconds(headers.get("retry-after"), deps.now()) : null,
    gone: status === 410 && form.format !== "fortellis",
  };
}
