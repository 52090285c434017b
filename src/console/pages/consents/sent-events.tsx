import { Send } from "lucide-react";
import type { Row } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { Badge, type Tone } from "../../parts/badge.tsx";
import { Id } from "../../parts/code.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";

type SentEvent = Row<"/v1/consents/{id}/deliveries">;

const WORDS: Record<SentEvent["status"], { tone: Tone; word: string }> = {
  delivered: { tone: "good", word: "received" },
  failing: { tone: "warn", word: "tried, not received yet" },
  stopped: { tone: "neutral", word: "tried, not received" },
};

const COLUMNS: Column<SentEvent>[] = [
  { label: "Event", cell: ({ eventId }) => <Id id={eventId} /> },
  { label: "Channel", cell: ({ channel }) => <code>{channel}</code> },
  { label: "Happened", cell: ({ acceptedAt }) => <Time at={acceptedAt} /> },
  {
    label: "Became",
    cell: ({ status }) => (
      <Badge tone={WORDS[status].tone} hasDot>
        {WORDS[status].word}
      </Badge>
    ),
  },
  { label: "Received", cell: ({ deliveredAt }) => deliveredAt && <Time at={deliveredAt} />, isEnd: true },
];

/** Which events about the data owner went out because of a consent: the answer to "what do they have of mine?". */
export function SentEvents({ consentId, appName }: { consentId: string; appName: string }) {
  const init = { params: { path: { id: consentId } } };
  const query = api.useInfiniteQuery("get", "/v1/consents/{id}/deliveries", init, PAGED);
  return (
    <Section
      title="What has been sent"
      lead={`Every event about your organization that was pushed to ${appName}, or that it has fetched. What it reads live, as it happens, is not listed.`}
      isFlush
    >
      <Paged
        query={query}
        what="what has been sent"
        empty={
          <Empty icon={Send} title="Nothing has been sent">
            As soon as an event about your organization goes out to {appName}, it is listed here.
          </Empty>
        }
      >
        {(events) => (
          <Table
            caption={`Events sent to ${appName}`}
            columns={COLUMNS}
            rows={events}
            keyOf={({ eventId }) => eventId}
          />
        )}
      </Paged>
    </Section>
  );
}
