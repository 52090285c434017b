import { getRouteApi } from "@tanstack/react-router";
import { Webhook } from "lucide-react";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useMay } from "../../api/role.ts";
import { LinkButton } from "../../parts/button.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { SubscriptionTable } from "../subscriptions/subscription-table.tsx";

const route = getRouteApi("/o/$organizationId/apps/$appId");

/** What an app subscribes to. */
export function AppSubscriptions({ appId }: { appId: string }) {
  const { organizationId } = route.useParams();
  const mayWrite = useMay("developer");
  const query = api.useInfiniteQuery("get", "/v1/subscriptions", { params: { query: { appId } } }, PAGED);
  const subscribe = mayWrite && (
    <LinkButton size="small" to="/o/$organizationId/subscriptions/new" params={{ organizationId }} search={{ appId }}>
      Subscribe to an API
    </LinkButton>
  );
  return (
    <Section title="Subscriptions" actions={subscribe} isFlush>
      <Paged
        query={query}
        what="subscriptions"
        empty={
          <Empty icon={Webhook} title="It subscribes to nothing yet" actions={subscribe}>
            Choose an API of the directory, say which of its events you want and where to, and see a test event arrive.
          </Empty>
        }
      >
        {(rows) => <SubscriptionTable subscriptions={rows} />}
      </Paged>
    </Section>
  );
}
