import type { PublishRefusal } from "../../stream/mqtt/message.ts";
import type { Problem } from "../problem.ts";

/** What the door of events says, as MQTT says it. */
export function refusalOf({ reason, detail }: Problem): PublishRefusal {
  switch (reason) {
    case "body_not_json":
    case "body_not_utf8":
    case "body_too_deep":
    case "body_too_large":
    case "media_type_unsupported":
    case "message_invalid":
      return { reason: "payloadInvalid", isTransient: false, detail };
    case "token_missing":
    case "token_invalid":
    case "token_expired":
    case "not_a_publisher":
    case "channel_forbidden":
      return { reason: "notAuthorized", isTransient: false, detail };
    case "not_found":
    case "channel_unknown":
      return { reason: "topicNameInvalid", isTransient: false, detail };
    case "rate_limited":
    case "storage_full":
      return { reason: "quotaExceeded", isTransient: true, detail };
    case "log_unavailable":
    case "keys_unavailable":
    case "push_pending":
    case "internal":
      return { reason: "unspecified", isTransient: true, detail };
    default:
      return { reason: "implementationSpecific", isTransient: false, detail };
  }
}
