import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, linkOptions } from "@tanstack/react-router";
import { AppWindow, Bell, BookMarked, Building2, FileClock, Handshake, House, Radio, Webhook } from "lucide-react";
import { seatIn, sessionQuery } from "../api/session.ts";
import { Foot, Switcher } from "./account.tsx";
import { Frame } from "./frame.tsx";
import { NavigationGroup, NavigationLink } from "./navigation.tsx";
import { PortalFrame } from "./portal-frame.tsx";

const route = getRouteApi("/o/$organizationId");

/** What an organization publishes, what it subscribes to, what it consents to, and its own. */
const groupsOf = (params: { organizationId: string }) => [
  {
    title: "",
    links: linkOptions([
      { label: "Home", icon: House, to: "/o/$organizationId", params, activeOptions: { exact: true } },
    ]),
  },
  { title: "Publish", links: linkOptions([{ label: "APIs", icon: Radio, to: "/o/$organizationId/apis", params }]) },
  {
    title: "Subscribe",
    links: linkOptions([
      { label: "Directory", icon: BookMarked, to: "/o/$organizationId/directory", params },
      { label: "Apps", icon: AppWindow, to: "/o/$organizationId/apps", params },
      { label: "Subscriptions", icon: Webhook, to: "/o/$organizationId/subscriptions", params },
    ]),
  },
  {
    title: "Your data",
    links: linkOptions([{ label: "Consents", icon: Handshake, to: "/o/$organizationId/consents", params }]),
  },
  {
    title: "Organization",
    links: linkOptions([
      { label: "Tokens and members", icon: Building2, to: "/o/$organizationId/organization", params },
      { label: "Notices", icon: Bell, to: "/o/$organizationId/notices", params },
      { label: "Audit", icon: FileClock, to: "/o/$organizationId/audit", params },
    ]),
  },
];

/** The pages of one organization. */
export function OrganizationFrame() {
  const params = route.useParams();
  const { portal } = route.useRouteContext();
  if (portal) return <PortalFrame portal={portal} />;
  return (
    <Frame>
      <OrganizationSwitcher organizationId={params.organizationId} />
      <nav aria-label="Console">
        {groupsOf(params).map(({ title, links }) => (
          <NavigationGroup key={title} title={title}>
            {links.map(({ label, ...link }) => (
              <NavigationLink key={label} {...link}>
                {label}
              </NavigationLink>
            ))}
          </NavigationGroup>
        ))}
      </nav>
      <Foot canSignOut />
    </Frame>
  );
}

function OrganizationSwitcher({ organizationId }: { organizationId: string }) {
  const { data: session } = useSuspenseQuery(sessionQuery);
  const seat = seatIn(session, organizationId);
  return session && seat ? <Switcher session={session} name={seat.name} as={seat.role} /> : null;
}
