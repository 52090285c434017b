import { err, type Result } from "../../kernel/result.ts";
import type { PublishPacket } from "./client-packets.ts";
import { type PublishRefusal, readMessage } from "./message.ts";
import type { MqttClient, MqttPorts, Wire } from "./ports.ts";
import { REASON } from "./reason-codes.ts";

const SUBSCRIBERS_ONLY = err({
  reason: "notAuthorized",
  isTransient: false,
  detail: "An app's credentials do not publish.",
} satisfies PublishRefusal);

const ACCEPTED = { reason: "success", detail: undefined } as const;

/** Hands a client's PUBLISH on, and answers once the event is durable. */
export async function publish(
  packet: PublishPacket,
  { client, wire, ports }: { client: MqttClient; wire: Wire; ports: Pick<MqttPorts, "publish"> },
): Promise<void> {
  if (packet.qos === 2) wire.end("qosUnsupported");
  else if (packet.properties.topicAlias !== undefined) wire.end("topicAliasInvalid");
  else answer(packet, await submit(packet, client, ports), wire);
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
  return ports.publish(client, message.value);
}

/**
 * MQTT 5 has an answer for what is refused in QoS 1. Else the connection ends [MQTT-3.3.5-2 of 3.1.1], which the client sees, but for
 * what QoS 0 may lose: an event that would have been taken at another time.
 */
function answer({ qos, messageId }: PublishPacket, published: Result<unknown, PublishRefusal>, wire: Wire): void {
  if (qos === 1 && messageId !== undefined && (published.ok || wire.version === 5)) {
    const { reason, detail } = published.ok ? ACCEPTED : published.error;
    wire.answer({ cmd: "puback", messageId, reasonCode: REASON[reason] }, detail);
  } else if (!published.ok && (qos === 1 || !published.error.isTransient)) {
    wire.end(published.error.reason);
  }
}
