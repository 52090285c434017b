import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Building2 } from "lucide-react";
import { useState } from "react";
import type { Row } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { Button, LinkButton } from "../../parts/button.tsx";
import { Id } from "../../parts/code.tsx";
import { TextField } from "../../parts/field.tsx";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { NewOrganizationDialog } from "./new-organization-dialog.tsx";
import styles from "./operator.module.css";

type Organization = Row<"/v1/organizations">;

const route = getRouteApi("/operator/organizations");

/** Who is on the relay. */
export function OrganizationsPage() {
  const { q = "" } = route.useSearch();
  const navigate = useNavigate();
  const [isMaking, setMaking] = useState(false);
  const query = api.useInfiniteQuery("get", "/v1/organizations", { params: { query: { limit: 100 } } }, PAGED);
  return (
    <Page
      title="Organizations"
      lead="Everybody who publishes, subscribes or owns data on this relay. You make them; each one’s admins do the rest."
      actions={
        <Button tone="primary" onClick={() => setMaking(true)}>
          New organization
        </Button>
      }
    >
      <Section isFlush>
        <div className={styles.bar}>
          <TextField
            label="Find by name or id"
            type="search"
            value={q}
            onChange={({ target }) =>
              void navigate({
                to: "/operator/organizations",
                search: target.value === "" ? {} : { q: target.value },
                replace: true,
              })
            }
          />
        </div>
        <Paged
          query={query}
          what="organizations"
          isShown={(organization) => isLike(organization, q)}
          empty={<None isSearch={q !== ""} />}
        >
          {(found) => <Table caption="Organizations" columns={COLUMNS} rows={found} keyOf={({ id }) => id} />}
        </Paged>
      </Section>
      {isMaking && <NewOrganizationDialog onClose={() => setMaking(false)} />}
    </Page>
  );
}

const isLike = ({ id, name }: Organization, q: string): boolean =>
  name.toLowerCase().includes(q.trim().toLowerCase()) || id.startsWith(q.trim().toLowerCase());

const COLUMNS: Column<Organization>[] = [
  { label: "Name", cell: ({ name }) => <strong>{name}</strong> },
  { label: "Id", cell: ({ id }) => <Id id={id} /> },
  { label: "Since", cell: ({ createdAt }) => <Time at={createdAt} /> },
  {
    label: "",
    cell: ({ id, name }) => (
      <LinkButton size="small" to="/operator/audit" search={{ organizationId: id }} aria-label={`Audit of ${name}`}>
        Audit
      </LinkButton>
    ),
    isEnd: true,
  },
];

const None = ({ isSearch }: { isSearch: boolean }) =>
  isSearch ? (
    <Empty icon={Building2} title="No organization is like that">
      Look for another name.
    </Empty>
  ) : (
    <Empty icon={Building2} title="Nobody is here yet">
      Make the first organization. You get a token for its admin, who makes everything else with it.
    </Empty>
  );
