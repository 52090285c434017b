import { Link, useParams } from "@tanstack/react-router";
import { Handshake } from "lucide-react";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { StateBadge } from "../../parts/badge.tsx";
import { Below } from "../../parts/below.tsx";
import { LinkButton } from "../../parts/button.tsx";
import { FilterLink, Filters } from "../../parts/filters.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { type Consent, FILTERS, NOTHING, readFilter, type StatusFilter, stateOf } from "./consent-words.ts";
import styles from "./consents.module.css";
import { Decisions } from "./decisions.tsx";
import { Channels, Until } from "./terms.tsx";

type Side = "dataOwner" | "subscriber";

/** All that an organization has granted or was asked for, or, on the other side, what its apps have asked for. */
export function ConsentList({ as, status: asked }: { as: Side; status: string | undefined }) {
  const status = readFilter(asked);
  const query = api.useInfiniteQuery("get", "/v1/consents", { params: { query: { as, status } } }, PAGED);
  return (
    <Section isFlush>
      <div className={styles.bar}>
        <StatusFilters as={as} status={status} />
      </div>
      <Paged
        query={query}
        what="consents"
        isShown={(consent) => isListed(consent, as, status)}
        empty={<Nothing as={as} status={status} />}
      >
        {(rows) => <Table caption={CAPTIONS[as]} columns={COLUMNS[as]} rows={rows} keyOf={({ id }) => id} />}
      </Paged>
    </Section>
  );
}

const CAPTIONS: Record<Side, string> = {
  dataOwner: "Consents of your organization",
  subscriber: "Consents that your apps have asked for",
};

/** What waits for the data owner stands above its list already. */
const isListed = (consent: Consent, as: Side, status: StatusFilter): boolean =>
  as === "subscriber" || status !== undefined || consent.status !== "requested";

function StatusFilters({ as, status }: { as: Side; status: StatusFilter }) {
  const { organizationId = "" } = useParams({ strict: false });
  const side = as === "subscriber" ? { side: "asked" } : {};
  return (
    <Filters label="State">
      {FILTERS.map((filter) => (
        <FilterLink
          key={filter.label}
          isOn={filter.status === status}
          to="/o/$organizationId/consents"
          params={{ organizationId }}
          search={{ ...side, ...(filter.status && { status: filter.status }) }}
        >
          {filter.status === undefined && as === "dataOwner" ? "Decided" : filter.label}
        </FilterLink>
      ))}
    </Filters>
  );
}

const state: Column<Consent> = {
  label: "State",
  cell: (consent) => <StateBadge state={stateOf(consent, Date.now())} />,
};

const terms: Column<Consent>[] = [
  { label: "API", cell: ({ api }) => api.title },
  {
    label: "What",
    cell: ({ channels, expiresAt }) => (
      <span className={styles.what}>
        <Channels channels={channels} />
        <Below>
          <Until at={expiresAt} />
        </Below>
      </span>
    ),
  },
];

const COLUMNS: Record<Side, Column<Consent>[]> = {
  dataOwner: [
    { label: "App", cell: (consent) => <To consent={consent} name={consent.app.name} of={consent.subscriberName} /> },
    ...terms,
    state,
    { label: "", cell: (consent) => <Decisions consent={consent} size="small" />, isEnd: true },
  ],
  subscriber: [
    { label: "Data owner", cell: (consent) => <To consent={consent} name={consent.dataOwnerName} of={null} /> },
    { label: "App", cell: ({ app }) => app.name },
    ...terms,
    state,
  ],
};

function To({ consent, name, of }: { consent: Consent; name: string; of: string | null }) {
  const { organizationId = "" } = useParams({ strict: false });
  return (
    <span>
      <Link
        to="/o/$organizationId/consents/$consentId"
        params={{ organizationId, consentId: consent.id }}
        className={styles.name}
      >
        {name}
      </Link>
      {of !== null && <Below>{of}</Below>}
    </span>
  );
}

function Nothing({ as, status }: { as: Side; status: StatusFilter }) {
  const { organizationId = "" } = useParams({ strict: false });
  const mayDecide = useMay("developer");
  if (status) return <Empty icon={Handshake} title={NOTHING[status]} />;
  if (as === "subscriber") {
    return (
      <Empty icon={Handshake} title="Your apps have not asked for anything">
        Some APIs send an event only with the consent of the organization that it is about. Open a subscription of such
        an API to ask for one.
      </Empty>
    );
  }
  return (
    <Empty
      icon={Handshake}
      title="You have not decided anything yet"
      actions={
        mayDecide && (
          <LinkButton to="/o/$organizationId/consents/activate" params={{ organizationId }}>
            Activate an app
          </LinkButton>
        )
      }
    >
      When an app asks for events about your organization, its request waits here for your answer. You can also activate
      an app yourself, before it asks.
    </Empty>
  );
}
