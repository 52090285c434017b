import { getRouteApi, Link } from "@tanstack/react-router";
import { StateBadge } from "../../parts/badge.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { HealthAtAGlance } from "./health/health-at-a-glance.tsx";
import styles from "./list.module.css";
import type { ListedSubscription } from "./subscription-types.ts";

const route = getRouteApi("/o/$organizationId");

type Props = {
  subscriptions: ListedSubscription[];
  /** Where a list is of more than one app. */
  hasApps?: boolean;
};

/** Subscriptions with where they lead and how they do. */
export function SubscriptionTable({ subscriptions, hasApps = false }: Props) {
  const { organizationId } = route.useParams();
  const name: Column<ListedSubscription> = {
    label: "API",
    cell: ({ id, apiTitle, publisherName, description }) => (
      <div className={styles.name}>
        <Link to="/o/$organizationId/subscriptions/$subscriptionId" params={{ organizationId, subscriptionId: id }}>
          {apiTitle}
        </Link>
        <small>{description ?? publisherName}</small>
      </div>
    ),
  };
  const app: Column<ListedSubscription> = { label: "App", cell: ({ appName }) => appName };
  const rest: Column<ListedSubscription>[] = [
    { label: "Endpoint", cell: ({ endpoint }) => <Endpoint url={endpoint} /> },
    { label: "State", cell: ({ status }) => <StateBadge state={status} /> },
    { label: "Health", cell: (subscription) => <HealthAtAGlance subscription={subscription} /> },
  ];
  return (
    <Table
      caption="Subscriptions"
      columns={hasApps ? [name, app, ...rest] : [name, ...rest]}
      rows={subscriptions}
      keyOf={({ id }) => id}
    />
  );
}

const Endpoint = ({ url }: { url: string | null }) => (
  <div className={styles.name}>
    {nameEndpoint(url)}
    {url !== null && <small>{URL.parse(url)?.pathname}</small>}
  </div>
);

/** Where a subscription's events go, in a word. */
export const nameEndpoint = (endpoint: string | null): string =>
  endpoint === null ? "live and pull" : (URL.parse(endpoint)?.host ?? endpoint);
