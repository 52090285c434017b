import type { Context } from "hono";
import { z } from "zod";
import { sha256 } from "../../kernel/digest.ts";
import { newId } from "../../kernel/ids.ts";
import { IDEMPOTENCY_KEY_CHARS_MAX, IDEMPOTENCY_WINDOW_MS } from "../../kernel/limits.ts";
import { listIds, logLine } from "../../kernel/log.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { seal, unseal } from "../../kernel/sealed-box.ts";
import { insertAudit } from "../../registry/audit.ts";
import { commit } from "../../registry/commit.ts";
import { findKeptAnswer, keepAnswer } from "../../registry/idempotency.ts";
import { newGeneration } from "../../registry/pushes.ts";
import type { AppEnv, Principal } from "../app-env.ts";
import { sendNoticesAfterwards } from "../notices/send-notices.ts";
import { type Problem, problem } from "../problem.ts";
import { principalName } from "./authentication.ts";
import { pushChange } from "./control-plane-pushes.ts";
import type { Action } from "./permissions.ts";

/** What a call decided: written in one batch with its audit rows, its outbox rows and the answer kept for its idempotency key. */
export type Change<A> = {
  body: A;
  /** Rows and outbox rows; empty where everything is as it was asked to be. */
  writes: D1PreparedStatement[];
  /** null: nothing that anybody has to hear of. */
  audit: { action: Action; subject: string; organizations: string[] } | null;
  /** Tells those whom it concerns, outside of the logs: written with it, and sent when the caller has the answer. */
  notices?: D1PreparedStatement[];
  /** What it means when another row has the same unique value. */
  taken?: { constraint: string; problem: Problem };
  /** What goes on when the caller has the answer; never rejects. */
  afterwards?: (() => Promise<void>) | undefined;
  /** When the answer is worth nothing any more: from then on its idempotency key makes a new one. */
  answerGoodUntilMs?: number;
};

type Call = { principal: Principal; status: 200 | 201 | 204; subject: string; text: string };
type Decide<A> = (generation: string) => Promise<Result<Change<A>, Problem>>;

/** How often a change is decided anew because somebody else changed the same rows meanwhile. */
const DECISIONS_MAX = 5;

/** A D1 row has 2,000,000 bytes at most: the rest is for its other columns. */
const KEPT_ANSWER_CHARS_MAX = 1_900_000;

const PUSH_RETRY_SECONDS = 5;
const PUSH_PENDING: Problem = {
  reason: "push_pending",
  detail:
    "The change is recorded and will take effect, but a topic's log does not answer now. The relay goes on by itself.",
  retryAfterSeconds: PUSH_RETRY_SECONDS,
};

const RACED: Problem = { reason: "conflict", detail: "This is being changed by others at the same time. Try again." };

/**
 * Decides, writes, tells the logs, answers. D1 is the truth: what is written there takes effect even where a log does not
 * answer now, and then the caller hears that it is not in effect yet (503).
 */
export async function performChange<A>(c: Context<AppEnv>, call: Call, decide: Decide<A>): Promise<Response> {
  const startedMs = c.var.clock.now();
  const key = await readIdempotencyKey(c, call);
  if (!key.ok) return problem(c, key.error);
  for (let decisions = 0; decisions < DECISIONS_MAX; decisions++) {
    const kept = key.value && (await findKeptAnswer(c.env.REGISTRY, key.value.keyDigest, c.var.clock.now()));
    if (kept) {
      if (kept.requestDigest === key.value?.requestDigest) return replay(c, kept);
      return problem(c, {
        reason: "idempotency_key_reused",
        detail: "This Idempotency-Key came with another request before.",
      });
    }
    const generation = newGeneration(call.subject);
    const change = await decide(generation);
    if (!change.ok) return refuse(c, call, change.error, generation);
    const answer = { status: call.status, text: call.status === 204 ? "" : JSON.stringify(change.value.body) };
    const answerKept = key.value
      ? await answerWrites(c, key.value, answer, generation, change.value.answerGoodUntilMs)
      : ok([]);
    if (!answerKept.ok) return problem(c, answerKept.error);
    const committed = await commit(c.env.REGISTRY, [
      ...change.value.writes,
      ...(change.value.notices ?? []),
      ...auditWrites(c, call.principal, change.value.audit),
      ...answerKept.value,
    ]);
    if (committed.ok) {
      const pushed = await pushChange(pushDeps(c), generation);
      logChange(c, call, change.value, { decisions: decisions + 1, pushed, ms: c.var.clock.now() - startedMs });
      const answered = settle(c, answer, pushed.settled);
      if (change.value.notices?.length) c.executionCtx.waitUntil(sendNoticesAfterwards(pushDeps(c)));
      if (change.value.afterwards) c.executionCtx.waitUntil(change.value.afterwards());
      return answered;
    }
    const taken = change.value.taken;
    if (committed.error.reason === "unique_taken" && taken && committed.error.constraint.includes(taken.constraint)) {
      return problem(c, taken.problem);
    }
  }
  return problem(c, RACED);
}

/** What an earlier call has deleted is gone, but that has to be in effect before anybody hears so. */
async function refuse(c: Context<AppEnv>, call: Call, refusal: Problem, generation: string): Promise<Response> {
  if (call.status !== 204 || refusal.reason !== "not_found") return problem(c, refusal);
  const { sent, settled } = await pushChange(pushDeps(c), generation);
  if (!settled) return problem(c, PUSH_PENDING);
  return sent > 0 ? done(c, { status: 204, text: "" }) : problem(c, refusal);
}

const Answer = z.strictObject({ status: z.union([z.literal(200), z.literal(201), z.literal(204)]), text: z.string() });
type Answer = z.infer<typeof Answer>;

/** A change is in effect, and answered, once every log that it concerns has taken it. */
function settle(c: Context<AppEnv>, answer: Answer, isInEffect: boolean): Response {
  if (isInEffect) return done(c, answer);
  if (answer.status !== 201) return problem(c, PUSH_PENDING);
  // Without a key, the same request again makes another one.
  const retryAfterSeconds = c.req.header("Idempotency-Key") === undefined ? null : PUSH_RETRY_SECONDS;
  return problem(c, { ...PUSH_PENDING, retryAfterSeconds, recorded: JSON.parse(answer.text) });
}

const pushDeps = (c: Context<AppEnv>) => ({ db: c.env.REGISTRY, logs: c.var.logs, nowMs: c.var.clock.now() });

function done(c: Context<AppEnv>, answer: Answer): Response {
  const headers = { "Cache-Control": "no-store" };
  if (answer.status === 204) return c.body(null, 204, headers);
  return c.body(answer.text, answer.status, { ...headers, "Content-Type": "application/json" });
}

/** The first answer again; where its change had not reached the logs, that is made good first. */
async function replay(c: Context<AppEnv>, kept: { sealedAnswer: string; generation: string }): Promise<Response> {
  const text = await unseal(c.env.RELAY_MASTER_KEY, kept.sealedAnswer);
  const { settled } = await pushChange(pushDeps(c), kept.generation);
  return settle(c, Answer.parse(JSON.parse(text)), settled);
}

type IdempotencyKey = { keyDigest: string; requestDigest: string };

const KEY = new RegExp(`^[\\x20-\\x7e]{1,${IDEMPOTENCY_KEY_CHARS_MAX}}$`);

/** Keys belong to a caller and a path; only POST is not idempotent by itself. */
async function readIdempotencyKey(
  c: Context<AppEnv>,
  { principal, text }: Call,
): Promise<Result<IdempotencyKey | null, Problem>> {
  const key = c.req.header("Idempotency-Key");
  if (key === undefined || c.req.method !== "POST") return ok(null);
  if (!KEY.test(key)) {
    const detail = `An Idempotency-Key has 1 to ${IDEMPOTENCY_KEY_CHARS_MAX} printable ASCII characters.`;
    return err({ reason: "header_invalid", detail });
  }
  const { pathname, search } = new URL(c.req.url);
  return ok({
    keyDigest: await sha256(JSON.stringify([principalName(principal), pathname, key])),
    requestDigest: await sha256(JSON.stringify([search, text])),
  });
}

async function answerWrites(
  c: Context<AppEnv>,
  key: IdempotencyKey,
  answer: Answer,
  generation: string,
  goodUntilMs = Number.POSITIVE_INFINITY,
): Promise<Result<D1PreparedStatement[], Problem>> {
  const nowMs = c.var.clock.now();
  const sealedAnswer = await seal(c.env.RELAY_MASTER_KEY, JSON.stringify(answer));
  if (sealedAnswer.length > KEPT_ANSWER_CHARS_MAX) {
    const detail = "The answer is too large to be kept for an Idempotency-Key. Send the request without one.";
    return err({ reason: "header_invalid", detail });
  }
  const expiresMs = Math.min(nowMs + IDEMPOTENCY_WINDOW_MS, goodUntilMs);
  return ok(keepAnswer(c.env.REGISTRY, { ...key, sealedAnswer, generation, expiresMs }, nowMs));
}

/** Each organization sees the change; who exactly made it and from where, only the caller's own. */
function auditWrites(c: Context<AppEnv>, principal: Principal, audit: Change<unknown>["audit"]): D1PreparedStatement[] {
  if (!audit) return [];
  const own = principal.kind === "operator" ? null : principal.organizationId;
  return [...new Set(audit.organizations)].map((organizationId) => {
    const isOwn = organizationId === own;
    const foreignActor = own === null ? "operator" : `organization:${own}`;
    return insertAudit(c.env.REGISTRY, {
      id: newId(),
      organizationId,
      atMs: c.var.clock.now(),
      actor: isOwn ? principalName(principal) : foreignActor,
      action: audit.action,
      subject: audit.subject,
      requestId: c.var.requestId,
      address: isOwn ? (c.req.header("CF-Connecting-IP") ?? null) : null,
    });
  });
}

type Course = { decisions: number; pushed: { sent: number; settled: boolean }; ms: number };

function logChange(c: Context<AppEnv>, { principal }: Call, { audit }: Change<unknown>, course: Course): void {
  if (!audit) return;
  const { decisions, pushed, ms } = course;
  logLine("change", {
    requestId: c.var.requestId,
    actor: principalName(principal),
    action: audit.action,
    subject: audit.subject,
    organizations: listIds(audit.organizations),
    decisions,
    pushes: pushed.sent,
    inEffect: pushed.settled,
    ms,
  });
}
