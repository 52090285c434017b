import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { AppWindow, Bell, BookMarked, Building2, FileClock, Handshake, House, Radio, Webhook } from "lucide-react";
import { sessionQuery } from "../api/session.ts";
import { Foot, Switcher } from "./account.tsx";
import { Frame } from "./frame.tsx";
import { NavigationGroup, NavigationLink } from "./navigation.tsx";
import { PortalFrame } from "./portal-frame.tsx";

const route = getRouteApi("/o/$organizationId");

/** The pages of one organization: what it publishes, what it subscribes to, what it consents to. */
export function OrganizationFrame() {
  const params = route.useParams();
  const { portal } = route.useRouteContext();
  if (portal) return <PortalFrame portal={portal} />;
  return (
    <Frame>
      <OrganizationSwitcher organizationId={params.organizationId} />
      <nav aria-label="Console">
        <NavigationGroup>
          <NavigationLink icon={House} to="/o/$organizationId" params={params} activeOptions={{ exact: true }}>
            Home
          </NavigationLink>
        </NavigationGroup>
        <NavigationGroup title="Publish">
          <NavigationLink icon={Radio} to="/o/$organizationId/apis" params={params}>
            APIs
          </NavigationLink>
        </NavigationGroup>
        <NavigationGroup title="Subscribe">
          <NavigationLink icon={BookMarked} to="/o/$organizationId/directory" params={params}>
            Directory
          </NavigationLink>
          <NavigationLink icon={AppWindow} to="/o/$organizationId/apps" params={params}>
            Apps
          </NavigationLink>
          <NavigationLink icon={Webhook} to="/o/$organizationId/subscriptions" params={params}>
            Subscriptions
          </NavigationLink>
        </NavigationGroup>
        <NavigationGroup title="Your data">
          <NavigationLink icon={Handshake} to="/o/$organizationId/consents" params={params}>
            Consents
          </NavigationLink>
        </NavigationGroup>
        <NavigationGroup title="Organization">
          <NavigationLink icon={Building2} to="/o/$organizationId/organization" params={params}>
            Tokens and members
          </NavigationLink>
          <NavigationLink icon={Bell} to="/o/$organizationId/notices" params={params}>
            Notices
          </NavigationLink>
          <NavigationLink icon={FileClock} to="/o/$organizationId/audit" params={params}>
            Audit
          </NavigationLink>
        </NavigationGroup>
      </nav>
      <Foot canSignOut />
    </Frame>
  );
}

function OrganizationSwitcher({ organizationId }: { organizationId: string }) {
  const { data: session } = useSuspenseQuery(sessionQuery);
  const seat = session?.organizations.find(({ id }) => id === organizationId);
  return session && seat ? <Switcher session={session} name={seat.name} as={seat.role} /> : null;
}
