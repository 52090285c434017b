import { api } from "../../api/client.ts";

const NAMES_MAX = 100;

/** What the newest organizations are called, by their ids. */
export function useOrganizationNames(): ReadonlyMap<string, string> {
  const init = { params: { query: { limit: NAMES_MAX } } };
  const { data } = api.useQuery("get", "/v1/organizations", init);
  return new Map((data?.data ?? []).map(({ id, name }) => [id, name]));
}
