import { useQuery } from "@tanstack/react-query";
import { useParams, useRouteContext } from "@tanstack/react-router";
import { portalLinkQuery } from "./portal-link.ts";
import { type Role, seatIn, sessionQuery } from "./session.ts";

const RANK: Record<Role, number> = { viewer: 1, developer: 2, admin: 3 };

/** As what somebody works in the organization of this page, by their session or a portal's link; null where neither says it. */
function useRole(): Role | null {
  const { organizationId } = useParams({ strict: false });
  const { portal } = useRouteContext({ strict: false });
  const { data: session } = useQuery({ ...sessionQuery, enabled: !portal });
  const { data: link } = useQuery(portalLinkQuery(portal));
  if (portal) return link?.role ?? null;
  return seatIn(session, organizationId)?.role ?? null;
}

/** Whether to show a button that needs a role; where none is known, the relay's answer says it. */
export function useMay(least: Role): boolean {
  const role = useRole();
  return role === null || RANK[role] >= RANK[least];
}
