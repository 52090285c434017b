import { CLOSE_CODES, type CloseName, closeOf } from "../../domain/close-codes.ts";

/** Reason codes of MQTT 5 (§2.4), as far as the relay says them. */
export const REASON = {
  success: 0x00,
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

const NORMAL = { code: 1000, reason: "" };

/** How the WebSocket is closed, which says to 3.1.1 clients what a DISCONNECT says to others. */
export function closeFor(reason: Reason): { code: number; reason: string } {
  const name = closeNameOf(reason);
  return name === null ? NORMAL : closeOf(name, reason);
}

function closeNameOf(reason: Reason): CloseName | null {
  switch (reason) {
    case "success":
      return null;
    case "badUserOrPassword":
    case "badAuthenticationMethod":
      return "TokenExpired";
    case "notAuthorized":
      return "Forbidden";
    case "keepAliveTimeout":
      return "ConsumerTooSlow";
    case "sessionTakenOver":
      return "SessionTakenOver";
    case "quotaExceeded":
    case "receiveMaximumExceeded":
    case "connectionRateExceeded":
      return "TooMany";
    case "serverUnavailable":
    case "serverShuttingDown":
    case "connectTimeOver":
      return "ServiceRestart";
    case "unspecified":
      return "InternalError";
    default:
      return "BadFrame";
  }
}

/** What a hub's word for the end of a link is in MQTT. */
export function reasonOfLinkEnd(code: number): Reason {
  switch (code) {
    case CLOSE_CODES.TokenExpired.code:
    case CLOSE_CODES.Forbidden.code:
    case CLOSE_CODES.ChannelGone.code:
      return "notAuthorized";
    case CLOSE_CODES.ConsumerTooSlow.code:
    case CLOSE_CODES.TooMany.code:
      return "quotaExceeded";
    case CLOSE_CODES.SessionTakenOver.code:
      return "sessionTakenOver";
    default:
      return "serverShuttingDown";
  }
}
