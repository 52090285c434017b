/** Time as a parameter, so that a test can hold it still. Milliseconds since the Unix epoch. */
export type Clock = { now(): number };

export const systemClock: Clock = { now: () => Date.now() };

/**
 * For when an object's alarm is set that is wanted at a time: a whole millisecond, and still to come. workerd cuts fractions off, and
 * loses an alarm that a run sets for the very millisecond that this run was set for.
 */
export const alarmTime = (wantedMs: number, nowMs: number): number => Math.max(Math.ceil(wantedMs), nowMs + 1);

/** Randomness as a parameter: a number in [0, 1). */
export type Random = () => number;
