import { Send } from "lucide-react";
import type { Row } from "../../api/answer.ts";
import { api as relay } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { StateBadge } from "../../parts/badge.tsx";
import { Id } from "../../parts/code.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";

const REFRESH_MS = 4_000;
const SUBSCRIBERS_NAMED_MAX = 100; // of one API; the others are shown by their ids

type Delivery = Row<"/v1/events/{id}/deliveries">;

/** What became of an event: at all subscriptions for its publisher, at its own for a subscriber. */
export function EventDeliveries({ eventId, apiId }: { eventId: string; apiId: string | null }) {
  const names = useSubscriberNames(apiId);
  const query = relay.useInfiniteQuery(
    "get",
    "/v1/events/{id}/deliveries",
    { params: { path: { id: eventId } } },
    { ...PAGED, refetchInterval: REFRESH_MS },
  );
  return (
    <Section title="Deliveries" lead="Which subscription got it, and how often it was tried." isFlush>
      <Paged query={query} what="its deliveries" empty={<NoDeliveries />}>
        {(rows) => <Table caption="Deliveries" columns={columnsFor(names)} rows={rows} keyOf={({ id }) => id} />}
      </Paged>
    </Section>
  );
}

const NoDeliveries = () => (
  <Empty icon={Send} title="No subscription got it">
    Nobody subscribed to its channel then, or nobody whom its data owner let have it.
  </Empty>
);

/** The apps that subscribe, for the API's publisher. */
function useSubscriberNames(apiId: string | null): Map<string, string> {
  const { data } = relay.useQuery(
    "get",
    "/v1/apis/{id}/subscriptions",
    { params: { path: { id: apiId ?? "" }, query: { limit: SUBSCRIBERS_NAMED_MAX } } },
    { enabled: apiId !== null },
  );
  return new Map(data?.data.map(({ id, app }) => [id, app.name]));
}

const columnsFor = (names: Map<string, string>): Column<Delivery>[] => [
  {
    label: "Subscriber",
    cell: ({ subscriptionId }) => (
      <span>
        {names.get(subscriptionId) ?? "Subscription"} <Id id={subscriptionId} />
      </span>
    ),
  },
  { label: "State", cell: ({ status }) => <StateBadge state={status} /> },
  { label: "Attempts", cell: ({ attempts }) => attempts.length },
  { label: "Last answer", cell: ({ attempts }) => sayAttempt(attempts.at(-1)) },
  {
    label: "Last tried",
    cell: ({ attempts }) => {
      const last = attempts.at(-1);
      return last ? <Time at={last.at} /> : "–";
    },
  },
  { label: "Next attempt", cell: ({ nextAttemptAt }) => (nextAttemptAt === null ? "–" : <Time at={nextAttemptAt} />) },
];

function sayAttempt(attempt: Delivery["attempts"][number] | undefined): string {
  if (!attempt) return "–";
  const answer = attempt.status === 0 ? "no answer" : `HTTP ${attempt.status}`;
  return attempt.error === null ? answer : `${answer}: ${attempt.error}`;
}
