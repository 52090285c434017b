import type { HubRefusal } from "../../hub/connect.ts";
import type { Problem } from "../problem.ts";

/** Why a hub took no connection, for whoever asked for it. */
export function describeHubRefusal({ reason }: HubRefusal): Problem {
  switch (reason) {
    case "cursor_invalid":
      return { reason, detail: "The cursor is none of these channels." };
    case "cursor_expired":
      return {
        reason,
        detail: "Events behind the cursor are kept no longer. Start anew, from a snapshot where that matters.",
      };
    case "too_many_logs":
    case "too_many_topics":
      return { reason: "bad_request", detail: "These are more channels and shards than one connection can listen to." };
    case "hub_full":
    case "too_many_consumers":
      return { reason: "too_many_connections", detail: "No more connections are taken now. Come again later." };
    case "log_unavailable":
      return { reason, detail: "A channel's log does not answer. Connect again." };
  }
}
