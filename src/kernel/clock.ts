/** Time as a parameter, so that a test can hold it still. Milliseconds since the Unix epoch. */
export type Clock = { now(): number };

export const systemClock: Clock = { now: () => Date.now() };

/** Randomness as a parameter: a number in [0, 1). */
export type Random = () => number;
