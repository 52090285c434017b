import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CHANNEL_CHARS_MAX, LISTENED_TOPICS_MAX, MQTT_CHANNELS_CHARS_MAX } from "../../../src/kernel/limits.ts";
import { HubStage } from "./hub-stage.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

const PATIENCE = { timeout: 10_000, interval: 20 };

/** Topics, as many as one connection may listen to. */
async function setStages(): Promise<HubStage[]> {
  const stages = Array.from({ length: LISTENED_TOPICS_MAX }, () => new HubStage());
  for (const stage of stages) await stage.subscribe({ id: stage.appId });
  return stages;
}

describe("a listener with as many topics as it may have", () => {
  it("hibernates with all of them, and holds up nobody at its hub", async () => {
    const stages = await setStages();
    const [home] = stages;
    if (!home) throw new Error("there are no stages");
    // What adapters ask for by name, a name for each topic.
    const channels = ["orders", "x".repeat(MQTT_CHANNELS_CHARS_MAX - "orders".length)];
    const topics = stages.map((stage) => ({ ...stage.topic(stage.appId), channels }));
    const many = await home.connect({ topics, clientId: "client_".padEnd(43, "x") });
    const one = await home.connect({ topics: topics.slice(0, 1), after: many.cursor });
    for (const turn of [1, 2, 3]) {
      await evictDurableObject(home.hubStub);
      for (const stage of stages) await stage.publish(1);
      await vi.waitFor(() => expect(many.frames).toHaveLength(turn * stages.length), PATIENCE);
      await vi.waitFor(() => expect(one.numbers).toEqual([1, 2, 3].slice(0, turn)), PATIENCE);
    }
    const after = await home.connect({ topics, after: many.frames[10]?.cursor ?? "" });
    await vi.waitFor(() => expect(after.frames).toHaveLength(many.frames.length - 11), PATIENCE);
  });

  it("is refused where its socket could not hold them, and leaves the others alone", async () => {
    const [home, ...others] = await setStages();
    if (!home) throw new Error("there are no stages");
    const one = await home.connect({ topics: [home.topic(home.appId)] });
    const channels = ["orders", "x".repeat(CHANNEL_CHARS_MAX)];
    const topics = [home, ...others].map((stage) => ({ ...stage.topic(stage.appId), channels }));
    await expect(home.connect({ topics })).rejects.toThrow("too_many_topics");
    await home.publish(2);
    await vi.waitFor(() => expect(one.numbers).toEqual([1, 2]), PATIENCE);
  });
});
