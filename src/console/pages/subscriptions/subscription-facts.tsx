import { getRouteApi, Link } from "@tanstack/react-router";
import { Id } from "../../parts/code.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Section } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { sayRetries } from "./retry-words.ts";
import type { ListedSubscription } from "./subscription-types.ts";

const route = getRouteApi("/o/$organizationId");

/** What a subscription is, in short. */
export function SubscriptionFacts({ subscription }: { subscription: ListedSubscription }) {
  const { organizationId } = route.useParams();
  const { id, appId, apiId, apiTitle, apiVisible, endpoint, format, channels, filter, retry, createdAt } = subscription;
  return (
    <Section title="About it">
      <Facts>
        <Fact label="API">
          {apiVisible ? (
            <Link to="/o/$organizationId/directory/$apiId" params={{ organizationId, apiId }}>
              {apiTitle}
            </Link>
          ) : (
            `${apiTitle} (hidden from you now)`
          )}
        </Fact>
        <Fact label="App">
          <Link to="/o/$organizationId/apps/$appId" params={{ organizationId, appId }}>
            {subscription.appName}
          </Link>
        </Fact>
        <Fact label="Publisher">{subscription.publisherName}</Fact>
        <Fact label="Channels">{channels?.join(", ") ?? "all"}</Fact>
        <Fact label="Filter">{filter ? "a schema (in the settings)" : "none"}</Fact>
        {endpoint !== null && <Fact label="Endpoint">{endpoint}</Fact>}
        {endpoint !== null && <Fact label="Format">{format}</Fact>}
        {endpoint !== null && <Fact label="Retries">{sayRetries(retry)}</Fact>}
        <Fact label="Made">
          <Time at={createdAt} />
        </Fact>
        <Fact label="Id">
          <Id id={id} />
        </Fact>
      </Facts>
    </Section>
  );
}
