import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../../api/client.ts";
import { CodeBlock } from "../../../parts/code.tsx";
import { Loading, Note } from "../../../parts/note.tsx";
import { Section } from "../../../parts/page.tsx";
import type { Delivery, ListedSubscription } from "../subscription-types.ts";
import styles from "./delivery.module.css";
import { previewHeaders, previewUrl } from "./request-preview.ts";

const route = getRouteApi("/o/$organizationId");

type Props = { subscription: ListedSubscription; delivery: Delivery };

/** The request as the subscription's settings make it now. */
export function DeliveryRequest({ subscription, delivery }: Props) {
  const sent = { ...delivery, id: delivery.eventId };
  const headers = previewHeaders(subscription, sent).map(({ name, value }) => `${name}: ${value}`);
  return (
    <Section
      title="Request"
      lead="As the subscription's settings make it now. What stands in brackets is made anew for each attempt, or is known to the publisher alone."
    >
      <CodeBlock
        label="headers of the request"
        code={[`POST ${previewUrl(subscription, delivery.channel)}`, ...headers].join("\n")}
      />
      <Payload subscription={subscription} eventId={delivery.eventId} />
    </Section>
  );
}

/** The payload, for whom the relay shows it to: the organization that published it. */
function Payload({
  subscription: { apiId, apiVisible },
  eventId,
}: {
  subscription: ListedSubscription;
  eventId: string;
}) {
  const { organizationId } = route.useParams();
  const directory = api.useQuery(
    "get",
    "/v1/directory/{apiId}",
    { params: { path: { apiId } } },
    { enabled: apiVisible },
  );
  const { portal } = route.useRouteContext();
  const isOwn = !portal && directory.data?.publisher.id === organizationId;
  const event = api.useQuery("get", "/v1/events/{id}", { params: { path: { id: eventId } } }, { enabled: isOwn });
  if (!isOwn)
    return (
      <Note>
        The relay shows payloads to their publisher alone. Your endpoint gets the published bytes, unchanged, under this
        webhook-id.
      </Note>
    );
  if (!event.data) return event.error ? null : <Loading what="the payload" />;
  return (
    <div>
      <h3 className={styles.subhead}>Body</h3>
      <CodeBlock label="payload of the event" code={JSON.stringify(event.data.data, null, 2)} />
    </div>
  );
}
