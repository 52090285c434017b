import { err, type Result } from "../../kernel/result.ts";
import type { PublishPacket } from "./client-packets.ts";
import { readMessage } from "./message.ts";
import type { MqttClient, MqttPorts, PublishRefusal, Wire } from "./ports.ts";
import { REASON } from "./reason-codes.ts";

const SUBSCRIBERS_ONLY = err({
  reason: "notAuthorized",
  isTransient: false,
  detail: "An app's credentials do not publish.",
} satisfies PublishRefusal);

/** Hands a client's PUBLISH on, and answers once the event is durable. */
export async function publish(
  packet: PublishPacket,
  { client, wire, ports }: { client: MqttClient; wire: Wire; ports: Pick<MqttPorts, "publish"> },
): Promise<void> {
  if (packet.qos === 2) return wire.end("qosUnsupported");
  if (packet.properties.topicAlias !== undefined) return wire.end("topicAliasInvalid");
  const published = await submit(packet, client, ports);
  if (!published.ok) return refuse(packet, published.error, wire);
  const { messageId } = packet;
  if (packet.qos === 1 && messageId !== undefined) wire.answer({ cmd: "puback", messageId, reasonCode: REASON.success });
}

async function submit(
  packet: PublishPacket,
  client: MqttClient,
  ports: Pick<MqttPorts, "publish">,
): Promise<Result<unknown, PublishRefusal>> {
  if (client.kind !== "publisher") return SUBSCRIBERS_ONLY;
  const message = readMessage(packet);
  if (!message.ok) return message;
  if (message.value.apiId !== client.ownerId) {
    return err({ reason: "notAuthorized", isTransient: false, detail: "The topic is not of these credentials' API." });
  }
  return ports.publish(message.value);
}

/**
 * MQTT 5 has an answer for it in QoS 1. Else the connection ends [MQTT-3.3.5-2 of 3.1.1], which the client sees, but for what QoS 0 may
 * lose: an event that would have been taken at another time.
 */
function refuse({ qos, messageId }: PublishPacket, refusal: PublishRefusal, wire: Wire): void {
  if (qos === 1 && wire.version === 5 && messageId !== undefined) {
    return wire.answer({ cmd: "puback", messageId, reasonCode: REASON[refusal.reason] }, refusal.detail);
  }
  if (qos === 1 || !refusal.isTransient) wire.end(refusal.reason);
}
