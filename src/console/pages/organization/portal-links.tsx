import { Link } from "@tanstack/react-router";
import { Link2 } from "lucide-react";
import { useState } from "react";
import type { Row } from "../../api/answer.ts";
import { api, client } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useRefresh } from "../../api/refresh.ts";
import { useMay } from "../../api/role.ts";
import { Button } from "../../parts/button.tsx";
import { Id } from "../../parts/code.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { say } from "../../parts/toast.tsx";
import { NewPortalLinkDialog } from "./new-portal-link-dialog.tsx";

type PortalLink = Row<"/v1/organizations/{id}/portal-links">;

const PATH = "/v1/organizations/{id}/portal-links";

type Props = {
  organizationId: string;
  /** Only this app's; absent: those of every app. */
  app?: { id: string; name: string };
};

/** Links that are good now, each to one app's part of the console inside of another product. */
export function PortalLinks({ organizationId, app }: Props) {
  const [isMaking, setMaking] = useState(false);
  const mayMake = useMay("developer");
  const query = api.useInfiniteQuery("get", PATH, { params: { path: { id: organizationId } } }, PAGED);
  const all = api.useQuery("get", "/v1/apps", { params: { query: { limit: 100 } } }, { enabled: !app });
  const apps = app ? [app] : (all.data?.data ?? []);
  const names = new Map(apps.map(({ id, name }) => [id, name]));
  return (
    <Section
      title="Portal links"
      lead="For people without an account here: one app’s subscriptions, inside of your own product."
      actions={mayMake && <Button onClick={() => setMaking(true)}>New portal link</Button>}
      isFlush
    >
      <Paged query={query} what="portal links" isShown={({ appId }) => !app || appId === app.id} empty={<NoLink />}>
        {(links) => (
          <Table
            caption="Portal links"
            columns={columnsFor(organizationId, names)}
            rows={links}
            keyOf={({ id }) => id}
          />
        )}
      </Paged>
      {isMaking && <NewPortalLinkDialog organizationId={organizationId} apps={apps} onClose={() => setMaking(false)} />}
    </Section>
  );
}

const NoLink = () => (
  <Empty icon={Link2} title="No link is open">
    Your own service makes them with <code>POST /v1/organizations/{"{id}"}/portal-links</code> whenever one of your
    customers opens the page that embeds it. Make one here to try it.
  </Empty>
);

const columnsFor = (organizationId: string, names: ReadonlyMap<string, string>): Column<PortalLink>[] => [
  {
    label: "App",
    cell: ({ appId }) => (
      <Link to="/o/$organizationId/apps/$appId" params={{ organizationId, appId }}>
        {names.get(appId) ?? "an app"}
      </Link>
    ),
  },
  { label: "Link", cell: ({ id }) => <Id id={id} /> },
  { label: "May", cell: ({ role }) => (role === "viewer" ? "look" : "look and change") },
  {
    label: "Inside of",
    cell: ({ frameAncestors }) => (frameAncestors.length === 0 ? "a window of its own" : frameAncestors.join(", ")),
  },
  { label: "Made", cell: ({ createdAt }) => <Time at={createdAt} /> },
  { label: "Ends", cell: ({ expiresAt }) => <Time at={expiresAt} /> },
  { label: "", cell: (link) => <RevokeLink link={link} organizationId={organizationId} />, isEnd: true },
];

function RevokeLink({ link, organizationId }: { link: PortalLink; organizationId: string }) {
  const refresh = useRefresh();
  const mayRevoke = useMay("developer");
  if (!mayRevoke) return null;
  const revoke = async (): Promise<void> => {
    const path = { id: organizationId, linkId: link.id };
    await client.DELETE("/v1/organizations/{id}/portal-links/{linkId}", { params: { path } });
    say("The link is revoked");
    await refresh(PATH);
  };
  return (
    <Confirm
      title="Revoke this link?"
      verb="Revoke"
      trigger={(ask) => (
        <Button size="small" onClick={ask}>
          Revoke
        </Button>
      )}
      onConfirm={revoke}
    >
      Whoever works with it sees nothing more from now on. What they have changed stays.
    </Confirm>
  );
}
