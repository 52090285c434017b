import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectAmqp, until } from "../support/amqp-client.ts";
import { addWitness, type Scene, setScene, startTestRelay, type TestRelay } from "../support/relay.ts";

/** CONTRACT §8, `GET /amqp`: AMQP 1.0 over a WebSocket, by a client that is not ours. */

let relay: TestRelay;
let scene: Scene;

beforeAll(async () => {
  relay = await startTestRelay();
  scene = await setScene(relay, { channels: ["orders", "shops/{shopId}/sales"] });
});
afterAll(() => relay?.close());

describe("a connection", () => {
  it("is refused with a wrong secret", async () => {
    const { clientId } = scene.api.credentials;
    const connection = connectAmqp(relay.origin, { username: clientId, password: "wrong" });
    const { error } = await until(connection, "connection_error");
    expect(error).toMatchObject({ condition: "amqp:unauthorized-access" });
  });
});

describe("a sender", () => {
  it("publishes, and hears when the event is durable", async () => {
    const witness = await addWitness(scene);
    const { clientId, clientSecret } = scene.api.credentials;
    const connection = connectAmqp(relay.origin, { username: clientId, password: clientSecret });
    const sender = connection.open_sender(`${scene.api.id}/orders`);
    await until(sender, "sendable");
    sender.send({ body: '{"n":1}', group_id: "RO-1" });
    await until(sender, "accepted");
    expect(await witness.countStored()).toBe(1);
    connection.close();
    await until(connection, "connection_close");
  });
});
