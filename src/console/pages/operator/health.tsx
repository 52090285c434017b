import { useQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { Badge } from "../../parts/badge.tsx";
import { Below } from "../../parts/below.tsx";
import { Button } from "../../parts/button.tsx";
import { Id } from "../../parts/code.tsx";
import { sayDuration } from "../../parts/duration.ts";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Empty, Note } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { formatCount } from "../../parts/words.ts";
import { type ChannelHealth, findWorries, type RelayHealth, sayBytes } from "./health-figures.ts";
import { healthQuery } from "./metrics-query.ts";
import styles from "./operator.module.css";

/** How the relay is: what needs somebody, what it does, and each channel. */
export function HealthPage() {
  const query = useQuery(healthQuery);
  return (
    <Page
      title="Health"
      lead={
        query.dataUpdatedAt > 0 ? (
          <>
            As the logs said <Time at={new Date(query.dataUpdatedAt).toISOString()} />. It is asked again every 30
            seconds.
          </>
        ) : (
          "How the relay is."
        )
      }
      actions={
        <Button isBusy={query.isFetching} onClick={() => void query.refetch()}>
          Ask again
        </Button>
      }
    >
      <Loaded query={query} what="the relay's health">
        {(health) => (
          <>
            <Worries health={health} />
            <Figures health={health} />
            <Channels channels={health.channels} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Worries({ health }: { health: RelayHealth }) {
  const worries = findWorries(health);
  if (worries.length === 0) return <Note tone="good">Nothing needs you.</Note>;
  return (
    <Note tone="warn">
      <ul className={styles.worries}>
        {worries.map((worry) => (
          <li key={worry}>{worry}</li>
        ))}
      </ul>
    </Note>
  );
}

function Figures({ health: { logs, silent, pushesWaiting, channels } }: { health: RelayHealth }) {
  const total = (pick: (channel: ChannelHealth) => number): number =>
    channels.reduce((sum, channel) => sum + pick(channel), 0);
  const delivered = total((channel) => channel.delivered);
  const attempts = delivered + total((channel) => channel.failed);
  const oldest = Math.max(0, ...channels.map((channel) => channel.oldestWaitingSeconds));
  return (
    <Section
      title="The whole relay"
      lead="Of all time, but for what stands now: endpoints, dead deliveries, waits and changes."
    >
      <Facts>
        <Fact label="Logs" isFigure>
          {formatCount(logs)} {silent > 0 && <Badge tone="bad">{silent} silent</Badge>}
        </Fact>
        <Fact label="Events accepted" isFigure>
          {formatCount(total((channel) => channel.events))}
        </Fact>
        <Fact label="Attempts" isFigure>
          {formatCount(attempts)}
        </Fact>
        <Fact label="Attempts that delivered" isFigure>
          {attempts === 0 ? "–" : `${((delivered / attempts) * 100).toFixed(1)} %`}
        </Fact>
        <Fact label="Endpoints down" isFigure>
          {formatCount(total((channel) => channel.failing))}
        </Fact>
        <Fact label="Dead deliveries" isFigure>
          {formatCount(total((channel) => channel.dead))}
        </Fact>
        <Fact label="Longest wait" isFigure>
          {sayDuration(oldest)}
        </Fact>
        <Fact label="Changes under way" isFigure>
          {formatCount(pushesWaiting)}
        </Fact>
      </Facts>
    </Section>
  );
}

/** Where there is nothing, nothing stands: what is there is seen at once. */
const some = (count: number): string | null => (count > 0 ? formatCount(count) : null);

const COLUMNS: Column<ChannelHealth>[] = [
  {
    label: "Channel",
    cell: ({ apiId, apiName, channel }) => (
      <span className={styles.channel}>
        <code>{channel}</code>
        <Below>
          {apiName ?? "API"} <Id id={apiId} />
        </Below>
      </span>
    ),
  },
  { label: "Events", cell: ({ events }) => some(events), isEnd: true },
  { label: "Delivered", cell: ({ delivered }) => some(delivered), isEnd: true },
  { label: "Failed", cell: ({ failed }) => some(failed), isEnd: true },
  {
    label: "Endpoints down",
    cell: ({ failing }) => failing > 0 && <Badge tone="bad">{failing}</Badge>,
    isEnd: true,
  },
  { label: "Keys retrying", cell: ({ retrying }) => some(retrying), isEnd: true },
  { label: "Longest wait", cell: ({ oldestWaitingSeconds: s }) => s > 0 && sayDuration(s), isEnd: true },
  {
    label: "Stored",
    cell: ({ storageBytes }) => <span className={styles.unbroken}>{sayBytes(storageBytes)}</span>,
    isEnd: true,
  },
];

const Channels = ({ channels }: { channels: ChannelHealth[] }) => (
  <Section title="Channels" lead="Those that need somebody first." isFlush>
    {channels.length === 0 ? (
      <Empty icon={Activity} title="No channel has a log yet">
        As soon as somebody registers an API, its channels are listed here.
      </Empty>
    ) : (
      <Table
        caption="Channels"
        columns={COLUMNS}
        rows={channels}
        keyOf={({ apiId, channel }) => `${apiId} ${channel}`}
      />
    )}
  </Section>
);
