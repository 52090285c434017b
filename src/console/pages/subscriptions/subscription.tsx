import { getRouteApi, Link, Outlet } from "@tanstack/react-router";
import { LoadedPage } from "../../frame/loaded-page.tsx";
import { StateBadge } from "../../parts/badge.tsx";
import { Page } from "../../parts/page.tsx";
import { Tab, Tabs } from "../../parts/tabs.tsx";
import { SubscriptionActions } from "./subscription-actions.tsx";
import { nameEndpoint } from "./subscription-table.tsx";
import { useSubscription } from "./use-subscription.ts";

const route = getRouteApi("/o/$organizationId/subscriptions/$subscriptionId");

/** One subscription: how it does, what it delivered, how it is set. */
export function SubscriptionPage() {
  const params = route.useParams();
  const query = useSubscription(params.subscriptionId);
  const crumbs = (
    <Link to="/o/$organizationId/subscriptions" params={params}>
      Subscriptions
    </Link>
  );
  return (
    <LoadedPage query={query} title="Subscription" what="the subscription" crumbs={crumbs}>
      {(subscription) => (
        <Page
          title={subscription.apiTitle}
          beside={<StateBadge state={subscription.status} />}
          lead={subscription.description ?? `To ${nameEndpoint(subscription.endpoint)}`}
          crumbs={crumbs}
          actions={<SubscriptionActions subscription={subscription} />}
        >
          <Tabs label="Of this subscription">
            <Tab
              to="/o/$organizationId/subscriptions/$subscriptionId"
              params={params}
              activeOptions={{ exact: true, includeSearch: false }}
            >
              Overview
            </Tab>
            <Tab
              to="/o/$organizationId/subscriptions/$subscriptionId/deliveries"
              params={params}
              activeOptions={{ includeSearch: false }}
            >
              Deliveries
            </Tab>
            <Tab to="/o/$organizationId/subscriptions/$subscriptionId/settings" params={params}>
              Settings
            </Tab>
          </Tabs>
          <Outlet />
        </Page>
      )}
    </LoadedPage>
  );
}
