import { getRouteApi, Link } from "@tanstack/react-router";
import { Send } from "lucide-react";
import type { Answer } from "../../api/answer.ts";
import { api as relay } from "../../api/client.ts";
import { ApiProblem } from "../../api/problem.ts";
import { useMay } from "../../api/role.ts";
import { LinkButton } from "../../parts/button.tsx";
import { CodeBlock, Id } from "../../parts/code.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Note } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { EventDeliveries } from "./event-deliveries.tsx";

const route = getRouteApi("/o/$organizationId/events/$eventId");

type Event = Answer<"/v1/events/{id}", "get">;

/** One event: what was published, and what became of it at each subscription. */
export function EventPage() {
  const { organizationId, eventId } = route.useParams();
  const query = relay.useQuery("get", "/v1/events/{id}", { params: { path: { id: eventId } } });
  const isOthers = query.error instanceof ApiProblem && query.error.status === 404;
  return (
    <Page
      title="Event"
      beside={<Id id={eventId} />}
      crumbs={query.data && <Crumbs organizationId={organizationId} event={query.data} />}
      actions={query.data && <Again organizationId={organizationId} event={query.data} />}
    >
      {isOthers ? (
        <Note>What an event says is its publisher's to read here. Its subscribers have it at their endpoints.</Note>
      ) : (
        <Loaded query={query} what="the event">
          {(event) => <Content event={event} />}
        </Loaded>
      )}
      <EventDeliveries eventId={eventId} apiId={query.data?.apiId ?? null} />
    </Page>
  );
}

type OfEvent = { organizationId: string; event: Event };

function Crumbs({ organizationId, event: { apiId } }: OfEvent) {
  const { data: api } = relay.useQuery("get", "/v1/apis/{id}", { params: { path: { id: apiId } } });
  const params = { organizationId, apiId };
  return (
    <>
      <Link to="/o/$organizationId/apis/$apiId" params={params}>
        {api?.title ?? "API"}
      </Link>
      <span aria-hidden="true">/</span>
      <Link to="/o/$organizationId/apis/$apiId/events" params={params}>
        Events
      </Link>
    </>
  );
}

/** A test event that begins as this one. */
function Again({ organizationId, event: { apiId, channel, id } }: OfEvent) {
  const mayPublish = useMay("developer");
  if (!mayPublish) return null;
  return (
    <LinkButton
      to="/o/$organizationId/apis/$apiId"
      params={{ organizationId, apiId }}
      search={{ publish: channel, event: id }}
    >
      <Send aria-hidden="true" />
      Publish again as a test
    </LinkButton>
  );
}

const NONE = "–";

const Content = ({ event }: { event: Event }) => (
  <>
    <Section title="What it is">
      <Facts>
        <Fact label="Channel">
          <code>{event.channel}</code>
        </Fact>
        <Fact label="Accepted">
          <Time at={event.acceptedAt} isExact />
        </Fact>
        <Fact label="Partition key">{event.partitionKey === null ? NONE : <code>{event.partitionKey}</code>}</Fact>
        <Fact label="Data owner">{event.dataOwnerId === null ? NONE : <Id id={event.dataOwnerId} />}</Fact>
        <Fact label="Request id">
          <Id id={event.requestId} />
        </Fact>
        {event.originRequestId !== null && (
          <Fact label="Origin request id">
            <Id id={event.originRequestId} />
          </Fact>
        )}
        <Fact label="Content type">{event.contentType}</Fact>
      </Facts>
    </Section>
    <Section title="Payload">
      <CodeBlock label="What was published" code={JSON.stringify(event.data, null, 2)} />
    </Section>
  </>
);
