import { useQueries } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { useNames } from "../notices/use-names.ts";
import { judgeHealth } from "../subscriptions/health/health-words.ts";
import { gatherNeeds, type Need } from "./needs.ts";

const LOOKED_AT = 100;
const REQUESTS_MAX = 10;
/** APIs whose subscribers are looked through, those that approve by hand: a query each. */
const APPROVING_APIS_MAX = 10;
/** Subscriptions that are asked how they do, the newest: a query each. What the others do, notices say, a little later. */
const ASKED_MAX = 20;

/** What waits for somebody of this organization, as far as its newest things say: undefined until that is known, or why it is not. */
export function useNeeds(): { needs: Need[] | undefined; error: unknown } {
  const names = useNames();
  const init = { params: { query: { limit: LOOKED_AT } } };
  const waiting = { as: "dataOwner", status: "requested", limit: REQUESTS_MAX } as const;
  const requests = api.useQuery("get", "/v1/consents", { params: { query: waiting } });
  const subscriptions = api.useQuery("get", "/v1/subscriptions", init);
  const notices = api.useQuery("get", "/v1/notices", init);
  const apis = api.useQuery("get", "/v1/apis", init);
  const approving = (apis.data?.data ?? [])
    .filter(({ approval }) => approval === "manual")
    .slice(0, APPROVING_APIS_MAX);
  const subscribers = useQueries({
    queries: approving.map(({ id }) =>
      api.queryOptions("get", "/v1/apis/{id}/subscriptions", { params: { path: { id }, ...init.params } }),
    ),
  });
  const active = (subscriptions.data?.data ?? []).filter(({ status }) => status === "active").slice(0, ASKED_MAX);
  const health = useQueries({
    queries: active.map(({ id }) => api.queryOptions("get", "/v1/subscriptions/{id}", { params: { path: { id } } })),
  });
  if (!requests.data || !subscriptions.data || !notices.data)
    return { needs: undefined, error: requests.error ?? subscriptions.error ?? notices.error };
  const pending = subscribers.flatMap(({ data }, n) =>
    (data?.data ?? [])
      .filter(({ status }) => status === "pending")
      .map((subscriber) => ({ ...subscriber, apiTitle: approving[n]?.title ?? "" })),
  );
  const found = { requests: requests.data.data, pending, subscriptions: subscriptions.data.data };
  const verdicts = new Map(health.flatMap(({ data }) => (data ? [[data.id, judgeHealth(data)] as const] : [])));
  return { needs: gatherNeeds({ ...found, verdicts, notices: notices.data.data }, names), error: null };
}
