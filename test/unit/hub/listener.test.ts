import { describe, expect, it } from "vitest";
import { Listener } from "../../../src/hub/listener.ts";
import { HubFixture } from "../../support/hub-fixture.ts";

describe("a listener that was closed", () => {
  it("is waited for no longer, and is nobody after hibernation", async () => {
    const f = new HubFixture();
    f.log.subscribe();
    f.publish(600);
    const { listener, socket } = f.listen(0, { acknowledges: true });
    await f.run();
    expect(listener.blockedSinceMs).toBe(f.log.nowMs);
    listener.close("ConsumerTooSlow");
    expect(listener.blockedSinceMs).toBeNull();
    f.publish(1);
    await f.run();
    expect(socket.frames).toHaveLength(500);
    expect(Listener.restore(listener.socket)).toBeNull();
  });
});
