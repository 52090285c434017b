import { getRouteApi } from "@tanstack/react-router";
import { SearchX, Webhook } from "lucide-react";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { Button, LinkButton } from "../../parts/button.tsx";
import { SelectField, TextField } from "../../parts/field.tsx";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import styles from "./list.module.css";
import { type ListFilter, narrowList } from "./narrow-list.ts";
import { SubscriptionTable } from "./subscription-table.tsx";
import type { ListedSubscription } from "./subscription-types.ts";

const route = getRouteApi("/o/$organizationId/subscriptions");

/** Everything that the organization subscribes to. */
export function SubscriptionListPage() {
  const { organizationId } = route.useParams();
  const mayWrite = useMay("developer");
  const query = api.useInfiniteQuery("get", "/v1/subscriptions", {}, PAGED);
  const create = mayWrite && (
    <LinkButton tone="primary" to="/o/$organizationId/subscriptions/new" params={{ organizationId }}>
      New subscription
    </LinkButton>
  );
  return (
    <Page
      title="Subscriptions"
      lead="Which events your apps get, where they go, and whether they arrive."
      actions={create}
    >
      <Section isFlush>
        <Paged query={query} what="subscriptions" empty={<NothingYet create={create} />}>
          {(rows) => <List all={rows} />}
        </Paged>
      </Section>
    </Page>
  );
}

function NothingYet({ create }: { create: React.ReactNode }) {
  const { organizationId } = route.useParams();
  return (
    <Empty
      icon={Webhook}
      title="No subscription yet"
      actions={
        <>
          {create}
          <LinkButton to="/o/$organizationId/directory" params={{ organizationId }}>
            Look through the directory
          </LinkButton>
        </>
      }
    >
      A subscription brings the events of one API to one of your apps: posted to an endpoint, or live. Making one takes
      four short steps and a test event.
    </Empty>
  );
}

const STATES = ["active", "pending", "unverified", "paused", "disabled", "rejected"];

function List({ all }: { all: ListedSubscription[] }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = (change: ListFilter): void => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value !== "");
    void navigate({ search: Object.fromEntries(next), replace: true });
  };
  const shown = narrowList(all, search);
  return (
    <>
      <div className={styles.filters}>
        <TextField
          label="Find"
          type="search"
          placeholder="API, app, endpoint, description"
          value={search.q ?? ""}
          onChange={({ target }) => narrow({ q: target.value })}
        />
        <SelectField
          label="State"
          value={search.status ?? ""}
          onChange={({ target }) => narrow({ status: target.value })}
          options={[{ value: "", label: "Any" }, ...STATES.map((state) => ({ value: state, label: state }))]}
        />
      </div>
      {shown.length > 0 ? (
        <SubscriptionTable subscriptions={shown} hasApps />
      ) : (
        <Empty
          icon={SearchX}
          title="None of them fits"
          actions={<Button onClick={() => narrow({ q: "", status: "" })}>Show all of them</Button>}
        />
      )}
    </>
  );
}
