import { err, ok, type Result } from "../../kernel/result.ts";
import type { Principal } from "../app-env.ts";
import { notFound, type Problem } from "../problem.ts";
import type { Named } from "./named-things.ts";
import { type Action, can, describeCallers } from "./permissions.ts";

/** Finds what a call names, and asks `can`. What is foreign is answered in the words for what is not there. */
export async function admit<Id extends string, T>(
  { db, caller }: { db: D1Database; caller: Principal },
  action: Action,
  named: Named<Id, T>,
  ids: Record<Id, string>,
): Promise<Result<T, Problem>> {
  const found = await named.find(db, ids, caller);
  const verdict = can(caller, action, found?.parties ?? null);
  if (verdict === "forbidden") {
    return err({ reason: "role_missing", detail: `This call is for ${describeCallers(action)}.` });
  }
  return found && verdict === "allowed" ? ok(found.thing) : notFound(named.what);
}
