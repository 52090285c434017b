/** Thrown when checking a document takes more steps than it may. Interpreted code can't catch it. */
export class TooManySteps extends Error {
  override name = "TooManySteps";
}

let stepsLeft = Number.POSITIVE_INFINITY;

/**
 * How many steps checking a document may take from now on. One count for the isolate: whoever sets it has to run to its end
 * without waiting for anything outside.
 */
export function limitSteps(stepsMax: number): void {
  stepsLeft = stepsMax;
}

export const ranOutOfSteps = (): boolean => stepsLeft < 0;

/** Takes what something costs from that count. Called before the work where the cost is known then. */
export function spendSteps(steps: number): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) throw new TooManySteps("checking the document takes too many steps");
}
