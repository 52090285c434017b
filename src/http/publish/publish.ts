import { type Context, Hono } from "hono";
import type { Quota } from "../../domain/publish-limit.ts";
import { readTraceContext, traceIdOf } from "../../domain/trace-context.ts";
import { logLine } from "../../kernel/log.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { authenticateClient } from "../access-token.ts";
import type { AppEnv } from "../app-env.ts";
import { type Problem, problem, refuse } from "../problem.ts";
import { findDestination, PREFIX, rereadDestination } from "./publish-destination.ts";
import { formOf, type PublishForm } from "./publish-form.ts";
import { readMessages } from "./publish-messages.ts";
import { publishRate, rateHeaders } from "./publish-rate.ts";
import { type Accepted, NOT_STORED, submit } from "./submit.ts";

/** `POST /v2/events/{channel…}`: answers once the events are durable, before any delivery. */
export const publishRoutes = new Hono<AppEnv>().post(PREFIX, publish).post(`${PREFIX}/*`, publish);

async function publish(c: Context<AppEnv>): Promise<Response> {
  const startedMs = c.var.clock.now();
  const form = formOf(c.req.raw.headers);
  const sender = form ? await authenticate(c) : NO_EVENT;
  const accepted = form ? await acceptEvents(c, form, sender) : NO_EVENT;
  if (accepted.ok) {
    const { eventIds, finding, quota } = accepted.value;
    if (finding) c.header("Event-Validation", finding.header);
    if (quota) tellQuota(c, quota);
    return c.json(form === "batch" ? { eventIds } : { eventId: eventIds[0] });
  }
  // What was accepted is in the topic log's own line, one for each group commit: a line for each publish costs a sixth of its CPU.
  const { reason, retryAfterSeconds } = accepted.error;
  const clientId = sender.ok ? sender.value : undefined;
  logLine("publish_refused", { ...describeRequest(c), reason, form, clientId, ms: c.var.clock.now() - startedMs });
  if (reason === "rate_limited") tellQuota(c, { remaining: 0, resetSeconds: retryAfterSeconds ?? 1 });
  return problem(c, accepted.error);
}

function describeRequest({ req, var: { requestId } }: Context<AppEnv>) {
  const { traceparent } = readTraceContext(req.header("traceparent") ?? null, null);
  return { requestId, path: req.path, traceId: traceIdOf(traceparent) ?? undefined };
}

function tellQuota(c: Context<AppEnv>, quota: Quota): void {
  const rate = publishRate(c.env);
  if (rate) for (const [name, value] of rateHeaders(rate, quota)) c.header(name, value);
}

async function acceptEvents(
  c: Context<AppEnv>,
  form: PublishForm,
  clientId: Result<string, Problem>,
): Promise<Result<Accepted, Problem>> {
  if (!clientId.ok) return clientId;
  const destination = await findDestination(c, clientId.value);
  if (!destination.ok) return destination;
  const messages = await readMessages(c, form);
  if (!messages.ok) return messages;
  const submission = { clientId: clientId.value, form, messages: messages.value };
  const first = await submit(c, destination.value, submission);
  if (first !== "topic_changed") return first;
  const changed = await rereadDestination(c, clientId.value);
  if (!changed.ok) return changed;
  const second = await submit(c, changed.value, submission);
  return second === "topic_changed" ? err(NOT_STORED) : second;
}

async function authenticate(c: Context<AppEnv>): Promise<Result<string, Problem>> {
  const owner = await authenticateClient(c, "Publish with an access token of the API's credentials.");
  if (!owner.ok) return owner;
  if (owner.value.kind !== "publisher") return refuse("not_a_publisher", "This token is not a publisher's.");
  return ok(owner.value.clientId);
}

const NO_EVENT = refuse("media_type_unsupported", "Events are application/json in UTF-8, or CloudEvents of that.");
