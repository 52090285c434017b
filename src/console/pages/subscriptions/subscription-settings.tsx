import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/role.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { Note } from "../../parts/note.tsx";
import { ConsentRequests } from "./consent-requests.tsx";
import { DeleteSubscription } from "./settings/delete-subscription.tsx";
import { DeliverySettings } from "./settings/delivery-settings.tsx";
import { EndpointSettings } from "./settings/endpoint-settings.tsx";
import { EventSettings } from "./settings/event-settings.tsx";
import { WordSettings } from "./settings/word-settings.tsx";
import type { Subscription } from "./subscription-types.ts";
import { useSubscription } from "./use-subscription.ts";

const route = getRouteApi("/o/$organizationId/subscriptions/$subscriptionId/settings");

/** Everything that can be changed of a subscription, a matter at a time. */
export function SubscriptionSettings() {
  const { subscriptionId } = route.useParams();
  const query = useSubscription(subscriptionId);
  return (
    <Loaded query={query} what="the settings">
      {(subscription) => <Settings subscription={subscription} />}
    </Loaded>
  );
}

function Settings({ subscription }: { subscription: Subscription }) {
  const { id, apiId, apiVisible } = subscription;
  const mayWrite = useMay("developer");
  const directory = api.useQuery(
    "get",
    "/v1/directory/{apiId}",
    { params: { path: { apiId } } },
    { enabled: apiVisible },
  );
  return (
    <>
      {!mayWrite && <Note>You see this as a viewer. A developer or an admin of your organization can change it.</Note>}
      <EventSettings subscription={subscription} channels={directory.data?.channels ?? []} />
      <EndpointSettings subscription={subscription} />
      <DeliverySettings subscription={subscription} />
      <WordSettings subscription={subscription} />
      {directory.data?.access === "consent" && (
        <ConsentRequests subscriptionId={id} channels={directory.data.channels} />
      )}
      {mayWrite && <DeleteSubscription subscription={subscription} />}
    </>
  );
}
