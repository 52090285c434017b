import { Link } from "@tanstack/react-router";
import type { Row } from "../../api/answer.ts";
import { Button } from "../../parts/button.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./event-table.module.css";
import { useApiParams } from "./the-api.tsx";

type Event = Row<"/v1/apis/{id}/events">;

export function EventTable({ events }: { events: Event[] }) {
  const params = useApiParams();
  const columns: Column<Event>[] = [
    {
      label: "Event",
      cell: ({ id }) => (
        <Link to="/o/$organizationId/events/$eventId" params={{ ...params, eventId: id }} title={id}>
          <code>{`${id.slice(0, 8)}…${id.slice(-4)}`}</code>
        </Link>
      ),
    },
    { label: "Channel", cell: ({ channel }) => <code>{channel}</code> },
    { label: "Partition key", cell: ({ partitionKey }) => (partitionKey === null ? "–" : <code>{partitionKey}</code>) },
    { label: "Accepted", cell: ({ acceptedAt }) => <Time at={acceptedAt} /> },
  ];
  return <Table caption="Events" columns={columns} rows={events} keyOf={({ id }) => id} />;
}

type Query = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage(): unknown };

/** The relay looks through a part of its log at a time: a page may have nothing, and more may stand behind it. */
export function MoreEvents({ query, isEmpty }: { query: Query; isEmpty: boolean }) {
  if (!query.hasNextPage) return null;
  return (
    <div className={styles.more} role="status">
      {query.isFetchingNextPage && <span>Looking further back…</span>}
      {!query.isFetchingNextPage && isEmpty && (
        <span>Nothing in the last part of the log, but there is more of it.</span>
      )}
      <Button size="small" isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {isEmpty ? "Look further back" : "Show more"}
      </Button>
    </div>
  );
}
