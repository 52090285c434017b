import { api } from "../../../api/client.ts";
import { Badge } from "../../../parts/badge.tsx";
import type { ListedSubscription } from "../subscription-types.ts";
import { judgeHealth } from "./health-words.ts";

const FRESH_MS = 15_000;

/** Asked for each row by itself, so that a list does not wait for it. */
export function HealthAtAGlance({ subscription: { id, status } }: { subscription: ListedSubscription }) {
  const isMoving = status === "active" || status === "disabled" || status === "paused";
  const { data } = api.useQuery(
    "get",
    "/v1/subscriptions/{id}",
    { params: { path: { id } } },
    { enabled: isMoving, staleTime: FRESH_MS },
  );
  if (!isMoving || !data) return null;
  const { tone, words } = judgeHealth(data);
  return <Badge tone={tone}>{words}</Badge>;
}
