import { api } from "../../api/client.ts";
import type { Names } from "./notice-words.ts";

const NAMES_MAX = 100;

/** What an organization calls its APIs and subscriptions, and those that it subscribes to. */
export function useNames(): Names {
  const init = { params: { query: { limit: NAMES_MAX } } };
  const apis = api.useQuery("get", "/v1/apis", init).data?.data ?? [];
  const subscriptions = api.useQuery("get", "/v1/subscriptions", init).data?.data ?? [];
  return {
    apis: new Map([
      ...subscriptions.map(({ apiId, apiTitle }) => [apiId, apiTitle] as const),
      ...apis.map(({ id, title }) => [id, title] as const),
    ]),
    subscriptions: new Map(
      subscriptions.map(({ id, apiTitle, description }) => [
        id,
        description ? `“${description}” (${apiTitle})` : `the subscription to ${apiTitle}`,
      ]),
    ),
  };
}
