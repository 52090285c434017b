import { api } from "./client.ts";
import type { Portal } from "./portal.ts";

const REFRESH_MS = 60_000;

/** What the link of a portal is for: which app, as what, until when. Asked again, as it may be revoked meanwhile. */
export const portalLinkQuery = (portal: Portal | null | undefined) =>
  api.queryOptions(
    "get",
    "/v1/organizations/{id}/portal-links/{linkId}",
    { params: { path: { id: portal?.organizationId ?? "", linkId: portal?.linkId ?? "" } } },
    { enabled: Boolean(portal?.token), refetchInterval: REFRESH_MS },
  );
