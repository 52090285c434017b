import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Row } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { StateBadge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Note } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { AskConsentDialog } from "./ask-consent-dialog.tsx";

const route = getRouteApi("/o/$organizationId");

type Props = { subscriptionId: string; channels: { address: string; title: string | null }[] };

/** Which data owners were asked for their events, and what they said. */
export function ConsentRequests({ subscriptionId, channels }: Props) {
  const [isAsking, setAsking] = useState(false);
  const mayWrite = useMay("developer");
  const query = api.useInfiniteQuery("get", "/v1/consents", { params: { query: { subscriptionId } } }, PAGED);
  const ask = mayWrite && (
    <Button size="small" onClick={() => setAsking(true)}>
      Ask a data owner
    </Button>
  );
  return (
    <Section
      title="Consents"
      lead="Each event of this API is about an organization, its data owner. You get it only if that organization has consented."
      actions={ask}
      isFlush
    >
      <Paged query={query} what="consents" empty={<NobodyAsked />}>
        {(rows) => <ConsentTable rows={rows} />}
      </Paged>
      <AskConsentDialog
        subscriptionId={subscriptionId}
        channels={channels}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
      />
    </Section>
  );
}

const NobodyAsked = () => (
  <Note tone="warn">
    Nobody was asked yet, so nothing arrives. Ask each organization whose events you want; it decides in its own
    console.
  </Note>
);

type Consent = Row<"/v1/consents">;

function ConsentTable({ rows }: { rows: Consent[] }) {
  const { organizationId } = route.useParams();
  const { portal } = route.useRouteContext();
  const columns: Column<Consent>[] = [
    { label: "Data owner", cell: ({ dataOwnerName }) => dataOwnerName },
    { label: "State", cell: ({ status }) => <StateBadge state={status} /> },
    { label: "Channels", cell: ({ channels }) => channels?.join(", ") ?? "all" },
    { label: "Until", cell: ({ expiresAt }) => (expiresAt ? <Time at={expiresAt} /> : "no end") },
    { label: "Changed", cell: ({ updatedAt }) => <Time at={updatedAt} /> },
  ];
  const toConsent: Column<Consent> = {
    label: "",
    isEnd: true,
    cell: ({ id }) => (
      <Link to="/o/$organizationId/consents/$consentId" params={{ organizationId, consentId: id }}>
        Details
      </Link>
    ),
  };
  return (
    <Table
      caption="Consents of this subscription"
      columns={portal ? columns : [...columns, toConsent]}
      rows={rows}
      keyOf={({ id }) => id}
    />
  );
}
