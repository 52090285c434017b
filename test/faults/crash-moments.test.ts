import { describe, expect, it } from "vitest";
import { tellCrashStory, tellPublishingCrashStory } from "../support/crash-story.ts";

/** The long form of crash.test.ts: death at other moments. */
describe("a relay that is killed", () => {
  it.each([0, 60, 250, 470])("after %i of 500 deliveries loses and reorders nothing", async (delivered) => {
    await tellCrashStory([delivered]);
  });

  it("three times in a row loses and reorders nothing", async () => {
    const { inFlight } = await tellCrashStory([20, 120, 300]);
    expect(inFlight).toHaveLength(3);
  });

  it("while retries wait loses and reorders nothing", async () => {
    await tellCrashStory([40, 200], { failureRate: 0.3 });
  });

  it("while it takes publishes delivers everything that it has acknowledged, in order", async () => {
    const { acknowledged } = await tellPublishingCrashStory(200);
    expect(acknowledged).toBeGreaterThanOrEqual(200);
  });
});
