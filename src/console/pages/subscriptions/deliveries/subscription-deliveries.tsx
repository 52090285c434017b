import { getRouteApi } from "@tanstack/react-router";
import { Pause, Play } from "lucide-react";
import { useState } from "react";
import { useMay } from "../../../api/role.ts";
import { Button } from "../../../parts/button.tsx";
import { FilterLink, Filters } from "../../../parts/filters.tsx";
import { Section } from "../../../parts/page.tsx";
import type { DeliveryStatus } from "../subscription-types.ts";
import { useSubscription } from "../use-subscription.ts";
import { DeliveryFilters } from "./delivery-filters.tsx";
import { DeliveryList } from "./delivery-list.tsx";
import { RetryDead } from "./retry-dead.tsx";
import type { DeliveryFilter } from "./use-live-deliveries.ts";

const route = getRouteApi("/o/$organizationId/subscriptions/$subscriptionId/deliveries");

const STATUSES: DeliveryStatus[] = ["waiting", "failing", "blocked", "delivered", "dead", "skipped"];

const readStatus = (text: string | undefined): DeliveryStatus | undefined => STATUSES.find((one) => one === text);

/** Every delivery, newest first, as it happens. */
export function SubscriptionDeliveries() {
  const params = route.useParams();
  const { status: asked, ...rest } = route.useSearch();
  const [isPaused, setPaused] = useState(false);
  const mayWrite = useMay("developer");
  const { data: subscription } = useSubscription(params.subscriptionId);
  const status = readStatus(asked);
  const filter: DeliveryFilter = { ...rest, ...(status && { status }) };
  const hasDead = (subscription?.dead ?? 0) > 0 && (status === undefined || status === "dead");
  return (
    <Section
      title="Deliveries"
      lead={isPaused ? "Stands still until you let it go on." : "Updates by itself."}
      actions={
        <>
          {mayWrite && hasDead && <RetryDead subscriptionId={params.subscriptionId} filter={filter} />}
          <Button size="small" onClick={() => setPaused(!isPaused)}>
            {isPaused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
            {isPaused ? "Go on updating" : "Stop updating"}
          </Button>
        </>
      }
      isFlush
    >
      <DeliveryFilters filter={filter}>
        <Filters label="State">
          {[undefined, ...STATUSES].map((one) => (
            <FilterLink
              key={one ?? "all"}
              to="/o/$organizationId/subscriptions/$subscriptionId/deliveries"
              params={params}
              search={one ? { ...rest, status: one } : rest}
              isOn={one === status}
              replace
              resetScroll={false}
            >
              {one ?? "all"}
            </FilterLink>
          ))}
        </Filters>
      </DeliveryFilters>
      <DeliveryList
        key={JSON.stringify([params.subscriptionId, filter])}
        subscriptionId={params.subscriptionId}
        filter={filter}
        isPaused={isPaused}
      />
    </Section>
  );
}
