import { measureHeldBytes } from "./held-memory.ts";
import { MANY_EVENTS } from "./many-events.ts";
import type { Scenario } from "./scenario.ts";
import { CROWD_SCENARIOS } from "./scenarios.ts";
import { type Measured, StageRuntime } from "./stage-runtime.ts";

const SIZES = {
  full: { events: [1_000, 100_000, 1_000_000], subscriptions: [1, 100, 10_000] },
  quick: { events: [1_000, 10_000], subscriptions: [1, 1_000] },
};

export type ScenarioMeasured = { name: string; sizes: number[]; measured: Measured; heldBytes: number[] };

/** What a log costs that has many events, and one that has many subscriptions. */
export async function measureTopicLog(quick: boolean): Promise<ScenarioMeasured[]> {
  const { events, subscriptions } = SIZES[quick ? "quick" : "full"];
  const runtime = await StageRuntime.start();
  const measure = async (scenario: Scenario, sizes: number[]): Promise<ScenarioMeasured> => ({
    name: scenario.name,
    sizes,
    measured: await runtime.measure(scenario, sizes),
    heldBytes: sizes.map((size) => measureHeldBytes(scenario, size)),
  });
  try {
    const results = [await measure(MANY_EVENTS, events)];
    for (const scenario of CROWD_SCENARIOS) results.push(await measure(scenario, subscriptions));
    return results;
  } finally {
    await runtime.stop();
  }
}
