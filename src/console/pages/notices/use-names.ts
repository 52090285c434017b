import { api } from "../../api/client.ts";
import type { Names } from "./notice-words.ts";

const NAMES_MAX = 100;

/** What an organization calls its newest subscriptions. */
export function useNames(): Names {
  const init = { params: { query: { limit: NAMES_MAX } } };
  const { data } = api.useQuery("get", "/v1/subscriptions", init);
  return new Map(
    data?.data.map(({ id, apiTitle, description }) => [
      id,
      description ? `“${description}” (${apiTitle})` : `the subscription to ${apiTitle}`,
    ]),
  );
}
