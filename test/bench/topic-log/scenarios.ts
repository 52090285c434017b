import { MANY_EVENTS } from "./many-events.ts";
import { CROWDS, manySubscriptions } from "./many-subscriptions.ts";
import type { Scenario } from "./scenario.ts";

export const CROWD_SCENARIOS = CROWDS.map(manySubscriptions);

const SCENARIOS = [MANY_EVENTS, ...CROWD_SCENARIOS];

export function scenarioOf(name: string): Scenario {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (!scenario) throw new Error(`there is no scenario ${name}`);
  return scenario;
}
