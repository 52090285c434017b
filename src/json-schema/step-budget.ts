/** What work may still cost. Below zero it is used up, and whatever was found out since then means nothing. */
export type StepBudget = { steps: number };

/** What looking at all of a text costs. */
export const textSteps = (text: string): number => 1 + (text.length >> 4);
