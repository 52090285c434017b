import { getRouteApi } from "@tanstack/react-router";
import { client } from "../../../api/client.ts";
import { Button } from "../../../parts/button.tsx";
import { Confirm } from "../../../parts/dialog.tsx";
import { Section } from "../../../parts/page.tsx";
import { say } from "../../../parts/toast.tsx";
import { sayBacklog } from "../health/health-words.ts";
import { useRefreshSubscription } from "../refresh.ts";
import type { Subscription } from "../subscription-types.ts";

const route = getRouteApi("/o/$organizationId/subscriptions/$subscriptionId/settings");

export function DeleteSubscription({ subscription }: { subscription: Subscription }) {
  const { organizationId } = route.useParams();
  const navigate = route.useNavigate();
  const refresh = useRefreshSubscription();
  const { id, apiTitle, backlog } = subscription;
  const remove = async (): Promise<void> => {
    await client.DELETE("/v1/subscriptions/{id}", { params: { path: { id } } });
    await navigate({ to: "/o/$organizationId/subscriptions", params: { organizationId } });
    say("The subscription is deleted");
    await refresh();
  };
  return (
    <Section title="Delete the subscription" lead="To stop for a while, pause it instead: then nothing is lost.">
      <div>
        <Confirm
          title={`Delete the subscription to ${apiTitle}?`}
          verb="Delete the subscription"
          trigger={(ask) => (
            <Button tone="danger" onClick={ask}>
              Delete the subscription
            </Button>
          )}
          onConfirm={remove}
        >
          {(backlog ?? 0) > 0
            ? `${sayBacklog(subscription)} outstanding events are never delivered.`
            : "Events that come after this are not delivered."}{" "}
          Its signing secret and its consents are gone. None of it comes back.
        </Confirm>
      </div>
    </Section>
  );
}
