import { api } from "../../api/client.ts";
import { useMay } from "../../api/role.ts";

const NAMES_MAX = 100;

/** What an organization calls its tokens, and its members: by actor, as the audit has it. Only admins may read these lists. */
export function useActorNames(organizationId: string): ReadonlyMap<string, string> {
  const isAdmin = useMay("admin");
  const init = { params: { path: { id: organizationId }, query: { limit: NAMES_MAX } } };
  const tokens = api.useQuery("get", "/v1/organizations/{id}/tokens", init, { enabled: isAdmin });
  const members = api.useQuery("get", "/v1/organizations/{id}/members", init, { enabled: isAdmin });
  const names = new Map<string, string>();
  for (const { id, name } of tokens.data?.data ?? []) names.set(`token:${id}`, name);
  for (const { id, name, email } of members.data?.data ?? []) names.set(`member:${id}`, name ?? email);
  return names;
}
