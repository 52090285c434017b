import { api } from "../../api/client.ts";

const POLL_MS = 5_000;

/** A subscription, asked again by itself while its page is seen. */
export const useSubscription = (id: string) =>
  api.useQuery("get", "/v1/subscriptions/{id}", { params: { path: { id } } }, { refetchInterval: POLL_MS });
