/** Thrown when more steps are made than may be. Interpreted code can't catch it. */
export class TooManySteps extends Error {
  override name = "TooManySteps";
}

let stepsLeft = Number.POSITIVE_INFINITY;

/**
 * How many steps interpreted code, and what else is counted, may make from now on. One count for the isolate: whoever sets it has to
 * run to its end without waiting for anything outside.
 */
export function limitSteps(stepsMax: number): void {
  stepsLeft = stepsMax;
}

export const ranOutOfSteps = (): boolean => stepsLeft < 0;

export function spendSteps(steps: number): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) throw new TooManySteps("the code makes too many steps");
}
