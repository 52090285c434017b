import { describe, expect, it } from "vitest";
import { tellCrashStory } from "../support/crash-story.ts";

/** DESIGN's invariants 1, 2 and 4 over a real process: the local queues forget their messages when it is killed. */
describe("a relay that is killed while 500 events are in flight", () => {
  it("delivers all of them after its restart, per key in order, without anyone publishing again", async () => {
    const { inFlight } = await tellCrashStory([1]);
    expect(inFlight[0]).toBeGreaterThan(100);
  });
});
