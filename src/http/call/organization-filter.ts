import { err, ok, type Result } from "../../kernel/result.ts";
import type { Member, Operator } from "../app-env.ts";
import { invalid } from "../body.ts";
import type { Problem } from "../problem.ts";

/** Of which organization a list that has a row for each is shown: a member sees its own, the operator one or (null) all. */
export function organizationShown(
  caller: Operator | Member,
  asked: string | undefined,
): Result<string | null, Problem> {
  if (caller.kind === "operator") return ok(asked ?? null);
  if (asked !== undefined && asked !== caller.organizationId) {
    return err(invalid({ path: "organizationId", message: "only the operator may ask for another organization" }));
  }
  return ok(caller.organizationId);
}
