/** Reason codes of MQTT 5 (§2.4), as far as the relay says them. */
export const REASON = {
  success: 0x00,
  disconnectWithWill: 0x04,
  noSubscription: 0x11,
  unspecified: 0x80,
  malformedPacket: 0x81,
  protocolError: 0x82,
  implementationSpecific: 0x83,
  unsupportedVersion: 0x84,
  clientIdInvalid: 0x85,
  badUserOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  payloadInvalid: 0x99,
  qosUnsupported: 0x9b,
  sharedSubscriptionsUnsupported: 0x9e,
  connectionRateExceeded: 0x9f,
  connectTimeOver: 0xa0,
} as const;
export type Reason = keyof typeof REASON;

/** What a CONNECT of MQTT 3.1.1 is refused with (§3.2.2.3), which has five codes for all reasons. */
export function returnCodeOf(reason: Reason): number {
  switch (reason) {
    case "unsupportedVersion":
      return 1;
    case "clientIdInvalid":
      return 2;
    case "badUserOrPassword":
    case "badAuthenticationMethod":
      return 4;
    case "notAuthorized":
    case "qosUnsupported":
    case "topicNameInvalid":
      return 5;
    default:
      return 3;
  }
}

/** How a filter is refused in MQTT 3.1.1 (§3.9.3), whatever the reason. */
export const SUBSCRIBE_FAILED = 0x80;

/** The WebSocket's own word for why a connection ended (RFC 6455 §7.4.1; 4000 and up: as all live connections of the relay). */
export function closeCodeOf(reason: Reason): number {
  switch (reason) {
    case "success":
    case "disconnectWithWill":
    case "connectTimeOver":
      return 1000;
    case "malformedPacket":
    case "protocolError":
    case "topicAliasInvalid":
    case "receiveMaximumExceeded":
      return 1002;
    case "packetTooLarge":
      return 1009;
    case "serverUnavailable":
    case "serverShuttingDown":
      return 1012;
    case "quotaExceeded":
      return 4408;
    case "sessionTakenOver":
      return 4409;
    default:
      return 1008;
  }
}
