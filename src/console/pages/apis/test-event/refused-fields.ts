import { ApiProblem } from "../../../api/problem.ts";

export type FieldFault = { pointer: string; message: string };

/** Why the relay refused an event, at each place in it; none where something else was refused. */
export function faultsOf(error: unknown): FieldFault[] {
  if (!(error instanceof ApiProblem) || error.slug !== MESSAGE_INVALID) return [];
  return error.errors.map(({ path, message }) => ({ pointer: path, message }));
}

/** The problem of an event that is none of its channel's messages. */
export const MESSAGE_INVALID = "message-invalid";
