import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMay } from "../../api/role.ts";
import { seatIn, sessionQuery } from "../../api/session.ts";
import { CopyLine } from "../../parts/code.tsx";
import { Note } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Members } from "./members.tsx";
import { PortalLinks } from "./portal-links.tsx";
import { Tokens } from "./tokens.tsx";

const route = getRouteApi("/o/$organizationId/organization");

/** Who and what may act for this organization: its programs by tokens, its people as members. */
export function OrganizationPage() {
  const { organizationId } = route.useParams();
  const { data: session } = useQuery(sessionQuery);
  const name = seatIn(session, organizationId)?.name ?? "Organization";
  const isAdmin = useMay("admin");
  return (
    <Page title={name} lead="Who and what may act for your organization.">
      <Section
        title="Organization id"
        lead="Publishers name you by it in each event about you, and others share their APIs with it. It is no secret."
      >
        <CopyLine label="organization id" value={organizationId} />
      </Section>
      {isAdmin ? (
        <>
          <Tokens organizationId={organizationId} />
          <Members organizationId={organizationId} />
        </>
      ) : (
        <Note>Tokens and members are for your organization’s admins. Ask one of them for what you miss.</Note>
      )}
      <PortalLinks organizationId={organizationId} />
    </Page>
  );
}
