import type { IConnackPacket } from "mqtt-packet";
import {
  MQTT_CLIENT_ID_CHARS_MAX,
  MQTT_IN_FLIGHT_MAX,
  MQTT_KEEP_ALIVE_SECONDS_MAX,
  MQTT_PACKET_BYTES_MAX,
  MQTT_RECEIVE_MAX,
  MQTT_SESSION_SECONDS_MAX,
} from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { ConnectPacket } from "./client-packets.ts";
import { type MqttMessage, readMessage } from "./message.ts";
import { REASON, type Reason, returnCodeOf } from "./reason-codes.ts";

/** What a client wants of its connection, and what it gets of it. */
export type ConnectRequest = {
  version: 4 | 5;
  clientId: string;
  /** The client named none: it is told this one. */
  isAssigned: boolean;
  isClean: boolean;
  /** How long its session is kept after the connection; 0: not at all. */
  expirySeconds: number;
  /** 0: it may be silent for as long as it likes. */
  keepAliveSeconds: number;
  inFlightMax: number;
  packetBytesMax: number;
  wantsReasons: boolean;
  user: string;
  password: string;
  will: MqttMessage | null;
};

/** Reads a CONNECT; `newId` names a client that has no name. */
export function readConnect(packet: ConnectPacket, newId: () => string): Result<ConnectRequest, Reason> {
  const { protocolVersion: version, properties, username, password } = packet;
  if (properties.authenticationMethod !== undefined) return err("badAuthenticationMethod");
  if (username === undefined || password === undefined) return err("badUserOrPassword");
  // [MQTT-3.1.3-8] of 3.1.1: who has no name can't have a session.
  const isNameless = packet.clientId === "";
  if (isNameless && version === 4 && !packet.clean) return err("clientIdInvalid");
  if (packet.clientId.length > MQTT_CLIENT_ID_CHARS_MAX) return err("clientIdInvalid");
  const will = readWill(packet);
  if (!will.ok) return will;
  return ok({
    version,
    clientId: isNameless ? newId() : packet.clientId,
    isAssigned: isNameless,
    isClean: packet.clean,
    expirySeconds: Math.min(wantedExpirySeconds(packet), MQTT_SESSION_SECONDS_MAX),
    keepAliveSeconds: keepAliveOf(packet),
    inFlightMax: Math.min(properties.receiveMaximum ?? MQTT_IN_FLIGHT_MAX, MQTT_IN_FLIGHT_MAX),
    packetBytesMax: properties.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    wantsReasons: version === 5 && properties.requestProblemInformation !== false,
    user: username,
    password: new TextDecoder().decode(password),
    will: will.value,
  });
}

/** 3.1.1 has no expiry: a session that is not clean is kept for as long as any is. */
function wantedExpirySeconds({ protocolVersion, clean, properties }: ConnectPacket): number {
  if (protocolVersion === 4) return clean ? 0 : MQTT_SESSION_SECONDS_MAX;
  return properties.sessionExpiryInterval ?? 0;
}

/** Only MQTT 5 can tell a client to be heard more often than it wanted to. */
function keepAliveOf({ protocolVersion, keepalive }: ConnectPacket): number {
  if (protocolVersion === 4) return keepalive;
  return keepalive === 0 ? MQTT_KEEP_ALIVE_SECONDS_MAX : Math.min(keepalive, MQTT_KEEP_ALIVE_SECONDS_MAX);
}

function readWill({ will }: ConnectPacket): Result<MqttMessage | null, Reason> {
  if (will === undefined) return ok(null);
  if (will.qos === 2) return err("qosUnsupported");
  const message = readMessage(will);
  return message.ok ? message : err(message.error.reason);
}

export function refuseConnect(version: 4 | 5, reason: Reason): IConnackPacket {
  const code = version === 5 ? { reasonCode: REASON[reason] } : { returnCode: returnCodeOf(reason) };
  return { cmd: "connack", sessionPresent: false, ...code };
}

/** What the server has to say of itself and of what it gives the client instead of what it wanted. */
export function acceptConnect(
  packet: ConnectPacket,
  request: ConnectRequest,
  { sessionPresent }: { sessionPresent: boolean },
): IConnackPacket {
  if (request.version === 4) return { cmd: "connack", sessionPresent, returnCode: 0 };
  const { expirySeconds, keepAliveSeconds } = request;
  return {
    cmd: "connack",
    sessionPresent,
    reasonCode: REASON.success,
    properties: {
      receiveMaximum: MQTT_RECEIVE_MAX,
      maximumQoS: 1,
      retainAvailable: true,
      maximumPacketSize: MQTT_PACKET_BYTES_MAX,
      wildcardSubscriptionAvailable: true,
      subscriptionIdentifiersAvailable: true,
      sharedSubscriptionAvailable: false,
      ...(expirySeconds !== (packet.properties.sessionExpiryInterval ?? 0) && { sessionExpiryInterval: expirySeconds }),
      ...(keepAliveSeconds !== packet.keepalive && { serverKeepAlive: keepAliveSeconds }),
      ...(request.isAssigned && { assignedClientIdentifier: request.clientId }),
    },
  };
}
