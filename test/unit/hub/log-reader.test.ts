import { describe, expect, it } from "vitest";
import { HubFixture } from "../../support/hub-fixture.ts";

describe("a log's reader", () => {
  it("gives those in front what is new while it leads others up to them", async () => {
    const f = new HubFixture();
    f.log.subscribe();
    f.publish(2_000);
    const front = f.listen(2_000);
    await f.run();
    const back = f.listen(0);
    f.underWay = () => {
      if (f.calls.length === 4) f.publish(1);
      if (f.calls.length === 8) expect(front.socket.frames).toHaveLength(1);
    };
    await f.run();
    expect(f.calls.length).toBeGreaterThan(8);
    expect(front.socket.frames).toHaveLength(1);
    expect(back.socket.frames).toHaveLength(2_001);
  });

  it("is through with whoever it has closed, whether or not the client answers that", async () => {
    const f = new HubFixture();
    f.log.subscribe();
    f.log.subscribe({ id: "paused", active: false });
    f.publish(10);
    const closed = f.listen(0, {}, f.topic("paused"));
    const other = f.listen(10);
    f.underWay = () => {
      if (f.calls.length > 10) throw new Error("it reads for ever");
    };
    await f.run();
    expect(closed.socket.closedWith).toBe(4403);
    f.publish(1);
    await f.run();
    expect(other.socket.frames).toHaveLength(1);
    expect(closed.socket.frames).toEqual([]);
  });

  it("hears whoever asks, in whichever step on the way to its end", async () => {
    for (let steps = 0; steps < 40; steps++) {
      const f = new HubFixture();
      f.log.subscribe();
      const { socket } = f.listen(0);
      let asked = Promise.resolve();
      f.underWay = () => {
        if (f.calls.length === 1) asked = askAgain(f, steps);
      };
      f.publish(1);
      await f.run();
      await asked;
      expect(socket.frames, `after ${steps} steps`).toHaveLength(2);
    }
  });
});

async function askAgain(f: HubFixture, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await Promise.resolve();
  f.publish(1);
  await f.run();
}
