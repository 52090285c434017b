import { z } from "zod";
import { checkEndpoint } from "../../delivery/endpoint-guard.ts";
import { RetryPolicy } from "../../domain/retry-schedule.ts";
import { isHeaderName, isStaticHeaderName } from "../../domain/static-headers.ts";
import { DeliveryFormat, RateLimit, SignatureScheme } from "../../domain/subscription.ts";
import {
  ATTEMPT_TIMEOUT_SECONDS_DEFAULT,
  ATTEMPT_TIMEOUT_SECONDS_MAX,
  CUSTOM_HEADERS_MAX,
  IN_FLIGHT_MAX,
  METADATA_ENTRIES_MAX,
} from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { type SubscriptionSettings, Verification } from "../../registry/subscriptions.ts";
import { invalid } from "../body.ts";
import { checkChannels } from "../channel-check.ts";
import { Channels, EventPath, Id, Line, Text, Time } from "../fields.ts";
import type { FieldError, Problem } from "../problem.ts";
import { isVerificationRequired } from "./endpoint-verification.ts";
import { Filter, readFilter } from "./subscription-filter.ts";

const HEADER_VALUE_CHARS_MAX = 1_024;
const METADATA_KEY_CHARS_MAX = 64;
const METADATA_VALUE_CHARS_MAX = 500;

/** RFC 9110 §5.5, without obs-text. */
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;

const Headers = z.record(z.string(), z.string()).superRefine((headers, context) => {
  const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
  const names = Object.keys(headers);
  if (names.length > CUSTOM_HEADERS_MAX) refuse([], `at most ${CUSTOM_HEADERS_MAX} headers`);
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length) refuse([], "a header is there twice");
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeaderName(name)) refuse([name], "is not the name of a header");
    else if (!isStaticHeaderName(name)) refuse([name], "is set by the relay or by the connection");
    if (value.length > HEADER_VALUE_CHARS_MAX) refuse([name], `at most ${HEADER_VALUE_CHARS_MAX} characters`);
    else if (!HEADER_VALUE.test(value)) refuse([name], "must be printable ASCII without spaces around it");
  }
});

const Metadata = z
  .record(Line(METADATA_KEY_CHARS_MAX).min(1), Line(METADATA_VALUE_CHARS_MAX))
  .refine((entries) => Object.keys(entries).length <= METADATA_ENTRIES_MAX, `at most ${METADATA_ENTRIES_MAX} entries`);

const Timeout = z.number().int().min(1).max(ATTEMPT_TIMEOUT_SECONDS_MAX);

const RateLimitRequest = RateLimit.partial({ burst: true })
  .transform(({ perSecond, burst = Math.max(1, Math.floor(perSecond)) }) => ({ perSecond, burst }))
  .nullable()
  .meta({
    type: ["object", "null"],
    properties: { perSecond: { type: "number" }, burst: { type: "integer" } },
    required: ["perSecond"],
  });

/** PATCH takes any of these, and keeps the rest. */
export const SubscriptionPatch = z.strictObject({
  channels: Channels.nullable()
    .meta({ type: ["array", "null"] })
    .optional(),
  endpoint: z.string().nullable().optional(),
  format: DeliveryFormat.optional(),
  eventPath: EventPath.optional(),
  structured: z.boolean().optional(),
  signature: SignatureScheme.nullable().optional(),
  verification: Verification.optional(),
  rateLimit: RateLimitRequest.optional(),
  maxInFlight: z.number().int().min(1).max(IN_FLIGHT_MAX).nullable().optional(),
  retry: RetryPolicy.optional(),
  timeoutSeconds: Timeout.optional(),
  headers: Headers.optional(),
  filter: Filter.nullable().optional(),
  description: Text.nullable().optional(),
  metadata: Metadata.optional(),
});

export const NewSubscription = SubscriptionPatch.extend({
  apiId: Id,
  start: z
    .union([z.enum(["latest", "earliest"]), Time.transform((atMs) => ({ atMs }))], {
      error: 'must be "latest", "earliest" or an RFC 3339 time',
    })
    .default("latest"),
});

export const DEFAULT_SETTINGS: SubscriptionSettings = {
  channels: null,
  endpoint: null,
  format: "standard",
  eventPath: null,
  structured: false,
  signature: null,
  verification: "none",
  rateLimit: null,
  maxInFlight: null,
  retry: RetryPolicy.parse({}),
  timeoutSeconds: ATTEMPT_TIMEOUT_SECONDS_DEFAULT,
  headers: {},
  filter: null,
  description: null,
  metadata: {},
};

const VERIFICATION_REQUIRED: FieldError = {
  path: "verification",
  message: 'must be "challenge": this relay sends nothing to an endpoint that has not agreed to it',
};

/** What is to hold after a PATCH (or, from the defaults, at creation), checked against the API and the endpoint rules. */
export async function mergeSettings(
  scope: { db: D1Database; env: Env; apiId: string },
  current: SubscriptionSettings,
  patch: z.output<typeof SubscriptionPatch>,
): Promise<Result<SubscriptionSettings, Problem>> {
  const keep = <T>(value: T | undefined, before: T): T => (value === undefined ? before : value);
  const filter = patch.filter === undefined ? ok(current.filter) : readFilter(patch.filter);
  const isRequired = isVerificationRequired(scope.env);
  const isNewEndpoint = patch.endpoint !== undefined && patch.endpoint !== current.endpoint;
  const settings: SubscriptionSettings = {
    channels: keep(patch.channels, current.channels),
    endpoint: keep(patch.endpoint, current.endpoint),
    format: keep(patch.format, current.format),
    eventPath: keep(patch.eventPath, current.eventPath),
    structured: keep(patch.structured, current.structured),
    signature: keep(patch.signature, current.signature),
    verification: keep(patch.verification, isNewEndpoint && isRequired ? "challenge" : current.verification),
    rateLimit: keep(patch.rateLimit, current.rateLimit),
    maxInFlight: keep(patch.maxInFlight, current.maxInFlight),
    retry: keep(patch.retry, current.retry),
    timeoutSeconds: keep(patch.timeoutSeconds, current.timeoutSeconds),
    headers: keep(patch.headers, current.headers),
    filter: filter.ok ? filter.value : current.filter,
    description: keep(patch.description, current.description),
    metadata: keep(patch.metadata, current.metadata),
  };
  const errors = [
    ...checkFormat(settings),
    ...checkTarget(scope.env, patch.endpoint ?? null),
    ...(isRequired && patch.verification === "none" ? [VERIFICATION_REQUIRED] : []),
    ...(filter.ok ? [] : [filter.error]),
  ];
  if (errors.length > 0) return err(invalid(...errors));
  const channels = await checkChannels(scope.db, scope.apiId, patch.channels ?? null);
  return channels.ok ? ok(settings) : channels;
}

function checkFormat({ eventPath, structured, format }: SubscriptionSettings): FieldError[] {
  const errors: FieldError[] = [];
  if (eventPath !== null && format !== "fortellis") {
    errors.push({ path: "eventPath", message: 'only goes with format "fortellis"' });
  }
  if (structured && format !== "cloudevents") {
    errors.push({ path: "structured", message: 'only goes with format "cloudevents"' });
  }
  return errors;
}

function checkTarget(env: Env, endpoint: string | null): FieldError[] {
  if (endpoint === null) return [];
  const rules = { allowPrivate: env.ALLOW_PRIVATE_ENDPOINTS === "true", relayOrigin: env.RELAY_ORIGIN };
  const checked = checkEndpoint(endpoint, rules);
  return checked.ok ? [] : [{ path: "endpoint", message: checked.error.detail }];
}
