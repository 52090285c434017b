import { useRefresh } from "../../api/refresh.ts";

/** Asks again for whatever a change of a subscription or a delivery may show in. */
export function useRefreshSubscription(): () => Promise<void> {
  const refresh = useRefresh();
  return () => refresh("/v1/subscriptions", "/v1/deliveries", "/v1/events");
}
