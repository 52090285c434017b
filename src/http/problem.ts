import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Diagnostic } from "../asyncapi/diagnostic.ts";
import { err } from "../kernel/result.ts";
import type { ApiChange } from "../registry/api-versions.ts";
import type { AppEnv } from "./app-env.ts";

/** Where a body breaks a rule, and which: `path` is dotted (`retry.maxAttempts`), empty for the body as a whole; of an event it is a JSON Pointer (RFC 6901). */
export type FieldError = { path: string; message: string };

export type ProblemReason =
  | "bad_request"
  | "body_not_json"
  | "body_not_utf8"
  | "body_too_deep"
  | "header_invalid"
  | "cloudevent_invalid"
  | "data_owner_missing"
  | "token_missing"
  | "token_invalid"
  | "token_expired"
  | "session_expired"
  | "foreign_site"
  | "csrf_token_invalid"
  | "organization_unnamed"
  | "not_signed_in"
  | "too_many_sign_ins"
  | "role_missing"
  | "not_a_publisher"
  | "not_an_app"
  | "channel_forbidden"
  | "subscription_required"
  | "not_found"
  | "channel_unknown"
  | "cursor_invalid"
  | "cursor_expired"
  | "too_many_connections"
  | "subscription_unknown"
  | "method_not_allowed"
  | "conflict"
  | "body_too_large"
  | "media_type_unsupported"
  | "body_invalid"
  | "message_invalid"
  | "document_invalid"
  | "version_breaking"
  | "endpoint_not_agreed"
  | "idempotency_key_reused"
  | "rate_limited"
  | "storage_full"
  | "headers_too_large"
  | "loop_detected"
  | "log_unavailable"
  | "keys_unavailable"
  | "push_pending"
  | "internal";

/** An expected failure on its way to the wire. `detail` is for people and never carries a secret or a payload. */
export type Problem = {
  reason: ProblemReason;
  detail: string;
  errors?: FieldError[];
  diagnostics?: Diagnostic[];
  changes?: ApiChange[];
  /** Sent as `Retry-After`; null: to repeat the request would be wrong. */
  retryAfterSeconds?: number | null;
  /** What the request made, although it has failed otherwise: nobody else could tell the caller its id and its secret. */
  recorded?: unknown;
};

export type Refusal = { ok: false; error: Problem };

/** An expected failure that a sentence is enough for. */
export const refuse = (reason: ProblemReason, detail: string): Refusal => err({ reason, detail });

export const notFound = (what: string): Refusal => refuse("not_found", `There is no such ${what}.`);

export const LOG_SILENT = refuse("log_unavailable", "A topic's log does not answer. Ask again.");

const RETRY_AFTER_SECONDS_DEFAULT = 1;

/** The one place where a reason becomes a status code and a title. */
function describe(reason: ProblemReason): { status: ContentfulStatusCode; title: string } {
  switch (reason) {
    case "bad_request":
      return { status: 400, title: "The request cannot be read" };
    case "body_not_json":
      return { status: 400, title: "The body is not JSON" };
    case "body_not_utf8":
      return { status: 400, title: "The body is not UTF-8" };
    case "body_too_deep":
      return { status: 400, title: "The body is nested too deep" };
    case "header_invalid":
      return { status: 400, title: "A header is invalid" };
    case "cloudevent_invalid":
      return { status: 400, title: "The CloudEvent is not valid" };
    case "cursor_invalid":
      return { status: 400, title: "The cursor is not valid" };
    case "cursor_expired":
      return { status: 410, title: "The events behind the cursor are gone" };
    case "too_many_connections":
      return { status: 429, title: "Too many connections" };
    case "data_owner_missing":
      return { status: 400, title: "The data owner is missing" };
    case "token_missing":
      return { status: 401, title: "No credentials" };
    case "token_invalid":
      return { status: 401, title: "The credentials are not valid" };
    case "token_expired":
      return { status: 401, title: "The credentials have expired" };
    case "session_expired":
      return { status: 401, title: "The session has ended" };
    case "foreign_site":
      return { status: 403, title: "This comes from another site" };
    case "csrf_token_invalid":
      return { status: 403, title: "The CSRF token is missing or wrong" };
    case "organization_unnamed":
      return { status: 400, title: "As whom this is asked is missing" };
    case "not_signed_in":
      return { status: 403, title: "The session is not signed in there" };
    case "too_many_sign_ins":
      return { status: 429, title: "Too many tries to sign in" };
    case "role_missing":
      return { status: 403, title: "These credentials do not allow that" };
    case "not_a_publisher":
      return { status: 403, title: "Only a publisher may do that" };
    case "not_an_app":
      return { status: 403, title: "Only an app may do that" };
    case "subscription_required":
      return { status: 403, title: "No active subscription" };
    case "channel_forbidden":
      return { status: 403, title: "These credentials are not for this channel" };
    case "not_found":
      return { status: 404, title: "Not found" };
    case "channel_unknown":
      return { status: 404, title: "No such channel" };
    case "subscription_unknown":
      return { status: 404, title: "No such subscription" };
    case "method_not_allowed":
      return { status: 405, title: "Method not allowed" };
    case "conflict":
      return { status: 409, title: "This conflicts with what is there" };
    case "version_breaking":
      return { status: 409, title: "The version breaks subscribers" };
    case "endpoint_not_agreed":
      return { status: 409, title: "The endpoint has not agreed to deliveries" };
    case "body_too_large":
      return { status: 413, title: "The body is too large" };
    case "media_type_unsupported":
      return { status: 415, title: "This media type is not supported" };
    case "body_invalid":
      return { status: 422, title: "The request is not valid" };
    case "message_invalid":
      return { status: 422, title: "The event breaks the schema of its channel" };
    case "document_invalid":
      return { status: 422, title: "The AsyncAPI document is not valid" };
    case "idempotency_key_reused":
      return { status: 422, title: "The idempotency key was used for another request" };
    case "rate_limited":
      return { status: 429, title: "Too many events" };
    case "storage_full":
      return { status: 507, title: "The topic is full" };
    case "headers_too_large":
      return { status: 431, title: "The headers are too large" };
    case "loop_detected":
      return { status: 508, title: "The event goes round in a circle" };
    case "log_unavailable":
      return { status: 503, title: "The topic's log does not answer" };
    case "keys_unavailable":
      return { status: 503, title: "The relay's keys cannot be read" };
    case "push_pending":
      return { status: 503, title: "Recorded, not yet in effect" };
    case "internal":
      return { status: 500, title: "Internal error" };
  }
}

/** RFC 6750 §3: a request without credentials of this scheme gets no error code. */
function challenge(reason: ProblemReason): string {
  const realm = 'Bearer realm="event-relay"';
  const hasToken = reason !== "token_missing" && reason !== "session_expired";
  return hasToken ? `${realm}, error="invalid_token"` : realm;
}

/** RFC 9457, with `code` and `message` as the Event Relay contract's error object has them. */
export function problemBody(origin: string, failure: Problem) {
  const { status, title } = describe(failure.reason);
  return {
    type: `${origin}/problems/${failure.reason.replaceAll("_", "-")}`,
    title,
    status,
    detail: failure.detail,
    code: status,
    message: failure.detail,
    ...(failure.errors && { errors: failure.errors }),
    ...(failure.recorded !== undefined && { recorded: failure.recorded }),
    ...(failure.diagnostics && { diagnostics: failure.diagnostics }),
    ...(failure.changes && { changes: failure.changes }),
  };
}

/** When to come again with the same; null: that would be wrong, or is no matter of time. */
export function retryAfterSecondsOf({
  reason,
  retryAfterSeconds = RETRY_AFTER_SECONDS_DEFAULT,
}: Problem): number | null {
  const { status } = describe(reason);
  return status === 503 || status === 429 ? retryAfterSeconds : null;
}

export function problem<E extends AppEnv>(c: Context<E>, failure: Problem): Response {
  const body = problemBody(c.env.RELAY_ORIGIN, failure);
  const headers: Record<string, string> = { "Content-Type": "application/problem+json", "Cache-Control": "no-store" };
  if (body.status === 401) headers["WWW-Authenticate"] = challenge(failure.reason);
  const retryAfterSeconds = retryAfterSecondsOf(failure);
  if (retryAfterSeconds !== null) headers["Retry-After"] = String(retryAfterSeconds);
  return c.body(JSON.stringify(body), body.status, headers);
}
