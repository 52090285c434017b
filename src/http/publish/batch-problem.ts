import { CLOUDEVENT_BATCH_ERRORS_MAX } from "../../kernel/limits.ts";
import type { FieldError, Problem } from "../problem.ts";

/**
 * One answer for all that is wrong with the events of a batch, in their order: the first one's, with a JSON Pointer into the
 * batch for each. null: nothing is wrong.
 */
export function combineProblems(problems: (Problem | null)[]): Problem | null {
  const first = problems.find((problem) => problem !== null);
  if (!first) return null;
  const errors = problems.flatMap((problem, i) => (problem ? errorsOf(problem, `/${i}`) : []));
  return { ...first, errors: errors.slice(0, CLOUDEVENT_BATCH_ERRORS_MAX) };
}

const errorsOf = ({ errors, detail }: Problem, at: string): FieldError[] => errors ?? [{ path: at, message: detail }];
