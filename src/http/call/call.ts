import type { Context } from "hono";
import type { z } from "zod";
import { isUuid, newId } from "../../kernel/ids.ts";
import { ok, type Result } from "../../kernel/result.ts";
import type { LogControls } from "../../topic/client.ts";
import type { AppEnv, Principal } from "../app-env.ts";
import { checkShape, readText } from "../body.ts";
import { type Problem, problem, type Refusal, refuse } from "../problem.ts";
import { admit } from "./admission.ts";
import { authenticate } from "./authentication.ts";
import { type Change, performChange } from "./change.ts";
import { type Named, nothingNamed } from "./named-things.ts";
import { type Action, type CallerOf, hasRole } from "./permissions.ts";
import type { BodyReader } from "./request-body.ts";
import { answerRevalidated } from "./revalidation.ts";

type ParamNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;

/** What a handler is given: everything parsed and allowed, nothing of HTTP. */
export type Incoming<W extends Action, Path extends string, T, Q extends z.ZodType> = {
  env: Env;
  db: D1Database;
  logs: LogControls;
  nowMs: number;
  caller: CallerOf<W>;
  params: Record<ParamNames<Path>, string>;
  /** What the path names. */
  named: T;
  query: z.output<Q>;
};

type Shape<W extends Action, Path extends string, T, Q extends z.ZodType, A extends z.ZodType> = {
  /** As OpenAPI writes it; every `{parameter}` is a UUID, `{deliveryId}` two of them. */
  path: Path;
  tag: string;
  summary: string;
  action: W;
  /** How to find what the path names; absent where it names nothing. */
  names?: Named<ParamNames<Path>, T>;
  query?: Q;
  answers: A;
};

type Read<W extends Action, Path extends string, T, Q extends z.ZodType, A extends z.ZodType> = Shape<
  W,
  Path,
  T,
  Q,
  A
> & {
  handle(call: Incoming<W, Path, T, Q>): Promise<Result<z.output<A>, Problem>>;
  /** Where the answer is not JSON: what it is instead. */
  content?: BodyReader<unknown>["content"];
  render?(answer: z.output<A>): { text: string; mediaType: string };
  /** True where the caller may keep the answer and ask whether it still holds. */
  revalidated?: true;
};

type Check<W extends Action, Path extends string, T, Q extends z.ZodType, B, A extends z.ZodType> = Shape<
  W,
  Path,
  T,
  Q,
  A
> & {
  body: BodyReader<B>;
  handle(call: Incoming<W, Path, T, Q> & { body: B }): Promise<Result<z.output<A>, Problem>>;
};

type Write<W extends Action, Path extends string, T, Q extends z.ZodType, B, A extends z.ZodType> = Shape<
  W,
  Path,
  T,
  Q,
  A
> & {
  method: "post" | "put" | "patch" | "delete";
  /** 201 where it makes something, 204 where nothing is left to say. */
  status: 200 | 201 | 204;
  body: BodyReader<B> | null;
  /** `generation` names the outbox rows of this change. */
  handle(
    call: Incoming<W, Path, T, Q> & { body: B; generation: string },
  ): Promise<Result<Change<z.output<A>>, Problem>>;
};

/** One call of the management API, ready to be mounted and shown. */
export type Route = {
  method: "get" | "post" | "put" | "patch" | "delete";
  path: string;
  tag: string;
  summary: string;
  action: Action;
  status: 200 | 201 | 204;
  query: z.ZodType | undefined;
  body: BodyReader<unknown> | null;
  /** By media type; a 204 has none. */
  answers: BodyReader<unknown>["content"];
  run(c: Context<AppEnv>): Promise<Response>;
};

/** A call that changes nothing. */
export function read<
  W extends Action,
  Path extends string,
  A extends z.ZodType,
  T = null,
  Q extends z.ZodType = z.ZodObject,
>(call: Read<W, Path, T, Q, A>): Route {
  const { path, tag, summary, action, query } = call;
  const answers = call.content ?? { "application/json": { schema: call.answers } };
  return {
    ...{ method: "get", status: 200, body: null, path, tag, summary, action, query, answers },
    run: async (c) => {
      const incoming = await receive(c, call);
      if (!incoming.ok) return problem(c, incoming.error);
      const answer = await call.handle(incoming.value);
      if (!answer.ok) return problem(c, answer.error);
      const { text, mediaType } = call.render?.(answer.value) ?? {
        text: JSON.stringify(answer.value),
        mediaType: "application/json",
      };
      if (call.revalidated) return answerRevalidated(c, text, mediaType);
      return c.body(text, 200, { "Content-Type": mediaType, "Cache-Control": "no-store" });
    },
  };
}

/** A call that looks at what comes in its body and changes nothing. */
export function check<
  W extends Action,
  Path extends string,
  B,
  A extends z.ZodType,
  T = null,
  Q extends z.ZodType = z.ZodObject,
>(call: Check<W, Path, T, Q, B, A>): Route {
  const { path, tag, summary, action, query, body: reader } = call;
  const answers = { "application/json": { schema: call.answers } };
  return {
    ...{ method: "post", status: 200, body: reader, path, tag, summary, action, query, answers },
    run: async (c) => {
      const incoming = await receive(c, call);
      if (!incoming.ok) return problem(c, incoming.error);
      const text = await readText(c.req.raw, reader.bytesMax);
      const body = text.ok ? reader.read(text.value) : text;
      if (!body.ok) return problem(c, body.error);
      const answer = await call.handle({ ...incoming.value, body: body.value });
      return answer.ok ? c.json(answer.value, 200, { "Cache-Control": "no-store" }) : problem(c, answer.error);
    },
  };
}

/** A call that changes something: what it decides is written at once, the logs are told, then it is answered. */
export function write<
  W extends Action,
  Path extends string,
  B,
  A extends z.ZodType,
  T = null,
  Q extends z.ZodType = z.ZodObject,
>(call: Write<W, Path, T, Q, B, A>): Route {
  const { method, status, path, tag, summary, action, query, body: reader } = call;
  const answers = { "application/json": { schema: call.answers } };
  return {
    ...{ method, status, body: reader, path, tag, summary, action, query, answers },
    run: async (c) => {
      const sender = await identify<Path>(c);
      if (!sender.ok) return problem(c, sender.error);
      const { principal, params } = sender.value;
      const first = await admitCall(c, call, sender.value);
      if (!first.ok && !mayRepeat(first.error, principal, action)) return problem(c, first.error);
      const text = reader ? await readText(c.req.raw, reader.bytesMax) : ok("");
      if (!text.ok) return problem(c, first.ok ? text.error : first.error);
      const change = {
        principal,
        status,
        subject: subjectOf(principal, status, Object.values(params)),
        text: text.value,
      };
      if (!first.ok) return performChange(c, change, async () => first);
      const body = reader ? reader.read(text.value) : ok(null as B);
      if (!body.ok) return problem(c, body.error);
      return performChange(c, change, async (generation) => {
        // Either may have changed while the body came, or while others changed something: who calls, and what is called for.
        const incoming = await receive(c, call);
        return incoming.ok ? call.handle({ ...incoming.value, body: body.value, generation }) : incoming;
      });
    },
  };
}

/** What is gone by now may have been answered before: to the same idempotency key, or to another DELETE. */
const mayRepeat = (refusal: Problem, principal: Principal, action: Action): boolean =>
  refusal.reason === "not_found" && hasRole(principal, action);

/** What a call changes, as its own organization names it: the last id in its path, or else something new. */
function subjectOf(principal: Principal, status: Route["status"], ids: string[]): string {
  const owner = principal.kind === "operator" ? principal.kind : principal.organizationId;
  return `${owner}/${(status === 201 ? undefined : ids.at(-1)) ?? newId()}`;
}

/** Everything before the body: who calls, whether they may, the ids in the path, the query. */
async function receive<W extends Action, Path extends string, T, Q extends z.ZodType>(
  c: Context<AppEnv>,
  call: Shape<W, Path, T, Q, z.ZodType>,
): Promise<Result<Incoming<W, Path, T, Q>, Problem>> {
  const sender = await identify<Path>(c);
  return sender.ok ? admitCall(c, call, sender.value) : sender;
}

type Sender<Path extends string> = { principal: Principal; params: Record<ParamNames<Path>, string> };

async function identify<Path extends string>(c: Context<AppEnv>): Promise<Result<Sender<Path>, Problem>> {
  const principal = await authenticate(c);
  if (!principal.ok) return principal;
  const params = readIds<Path>(c.req.param());
  return params.ok ? ok({ principal: principal.value, params: params.value }) : params;
}

async function admitCall<W extends Action, Path extends string, T, Q extends z.ZodType>(
  c: Context<AppEnv>,
  { action, names = nothingNamed as Named<never, T>, query: schema }: Shape<W, Path, T, Q, z.ZodType>,
  { principal, params }: Sender<Path>,
): Promise<Result<Incoming<W, Path, T, Q>, Problem>> {
  const db = c.env.REGISTRY;
  const named = await admit({ db, caller: principal }, action, names, params);
  if (!named.ok) return named;
  const query = schema ? checkShape(schema, readQuery(c)) : ok(undefined as z.output<Q>);
  if (!query.ok) return query;
  return ok({
    ...{ env: c.env, db, logs: c.var.logs, nowMs: c.var.clock.now(), params },
    // `can` leaves no other callers to an action than its table says.
    caller: principal as CallerOf<W>,
    named: named.value,
    query: query.value,
  });
}

/** What a query asks; a name that comes more than once has a list of values. */
export const readQuery = (c: Context<AppEnv>): Record<string, string | string[] | undefined> =>
  Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
  );

function readIds<Path extends string>(
  params: Record<string, string>,
): Result<Record<ParamNames<Path>, string>, Problem> {
  const ids = Object.entries(params).map(([name, value]) => [name, value.toLowerCase()] as const);
  if (!ids.every(([name, id]) => (name === "deliveryId" ? isPairOfUuids(id) : isUuid(id))))
    return refuse("not_found", "Ids are UUIDs.");
  return ok(Object.fromEntries(ids) as Record<ParamNames<Path>, string>);
}

/** A delivery is named by its subscription and its event. */
function isPairOfUuids(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 2 && parts.every(isUuid);
}

export const conflict = (detail: string): Refusal => refuse("conflict", detail);
