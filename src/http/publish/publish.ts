import { type Context, Hono } from "hono";
import type { Quota } from "../../domain/publish-limit.ts";
import { readTraceContext, traceIdOf } from "../../domain/trace-context.ts";
import { logLine } from "../../kernel/log.ts";
import { ok, type Result } from "../../kernel/result.ts";
import { authenticateClient } from "../access-token.ts";
import type { AppEnv } from "../app-env.ts";
import { type Problem, problem, refuse } from "../problem.ts";
import { acceptEvents } from "./accept-events.ts";
import { channelOf, PREFIX } from "./publish-destination.ts";
import { formOf, NO_EVENT, type PublishForm } from "./publish-form.ts";
import { readMessages } from "./publish-messages.ts";
import { publishRate, rateHeaders } from "./publish-rate.ts";
import type { Accepted } from "./submit.ts";

/** `POST /v2/events/{channel…}`: answers once the events are durable, before any delivery. */
export const publishRoutes = new Hono<AppEnv>().post(PREFIX, publish).post(`${PREFIX}/*`, publish);

async function publish(c: Context<AppEnv>): Promise<Response> {
  const startedMs = c.var.clock.now();
  const form = formOf(c.req.raw.headers);
  const sender = form ? await authenticate(c) : NO_EVENT;
  const accepted = form ? await accept(c, form, sender) : NO_EVENT;
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

async function accept(
  c: Context<AppEnv>,
  form: PublishForm,
  clientId: Result<string, Problem>,
): Promise<Result<Accepted, Problem>> {
  if (!clientId.ok) return clientId;
  const address = { clientId: clientId.value, apiId: null, channel: channelOf(c.req.path) };
  return acceptEvents(c, { address, form, read: () => readMessages(c, form) });
}

async function authenticate(c: Context<AppEnv>): Promise<Result<string, Problem>> {
  const owner = await authenticateClient(c, "Publish with an access token of the API's credentials.");
  if (!owner.ok) return owner;
  if (owner.value.kind !== "publisher") return refuse("not_a_publisher", "This token is not a publisher's.");
  return ok(owner.value.clientId);
}
