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

type Sized = { scenario: Scenario; sizes: number[] };

/** What a log costs that has many events, and one that has many subscriptions. */
export async function measureTopicLog(quick: boolean): Promise<ScenarioMeasured[]> {
  const { events, subscriptions } = SIZES[quick ? "quick" : "full"];
  const cases: Sized[] = [
    { scenario: MANY_EVENTS, sizes: events },
    ...CROWD_SCENARIOS.map((scenario) => ({ scenario, sizes: subscriptions })),
  ];
  const measured = await measureInObjects(cases);
  // Afterwards: it keeps this thread busy for so long that the runtime would take it for gone.
  return cases.map(({ scenario, sizes }, i) => ({
    name: scenario.name,
    sizes,
    measured: measured[i] ?? [],
    heldBytes: sizes.map((size) => measureHeldBytes(scenario, size)),
  }));
}

async function measureInObjects(cases: Sized[]): Promise<Measured[]> {
  const runtime = await StageRuntime.start();
  try {
    const measured: Measured[] = [];
    for (const { scenario, sizes } of cases) measured.push(await runtime.measure(scenario, sizes));
    return measured;
  } finally {
    await runtime.stop();
  }
}
