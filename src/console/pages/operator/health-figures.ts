import { countOf } from "../../parts/words.ts";
import type { Metrics, Sample } from "./metrics-text.ts";

/** One channel of an API, over all of its logs. */
export type ChannelHealth = {
  apiId: string;
  /** "Orders of Main Street Motors"; null where a relay of another version does not say it. */
  apiName: string | null;
  channel: string;
  /** Ever accepted. */
  events: number;
  /** Attempts, ever. */
  delivered: number;
  failed: number;
  /** Given up, and not brought back. */
  dead: number;
  /** Subscriptions whose endpoint does nothing but fail. */
  failing: number;
  /** Keys whose first event is tried again. */
  retrying: number;
  oldestWaitingSeconds: number;
  storageBytes: number;
  /** Since the logs' objects started. */
  alarmFailures: number;
};

export type RelayHealth = {
  logs: number;
  asked: number;
  silent: number;
  pushesWaiting: number;
  channels: ChannelHealth[];
};

const fullName = (name: string): string => `event_relay_${name}`;

const sum = (samples: readonly Sample[]): number => samples.reduce((total, { value }) => total + value, 0);
const most = (samples: readonly Sample[]): number => samples.reduce((max, { value }) => Math.max(max, value), 0);

/** What the relay says of itself, by channel; those that need somebody first. */
export function readHealth(metrics: Metrics): RelayHealth {
  const of = (name: string): readonly Sample[] => metrics.get(fullName(name)) ?? [];
  const byChannel = Map.groupBy(of("last_sequence"), ({ labels }) => keyOf(labels));
  const channels = [...byChannel.values()].flatMap(([first]) => (first ? [readChannel(metrics, first.labels)] : []));
  return {
    logs: sum(of("logs")),
    asked: sum(of("logs_asked")),
    silent: sum(of("logs_silent")),
    // The same in every part.
    pushesWaiting: most(of("pushes_waiting")),
    channels: channels.sort(byNeed),
  };
}

const keyOf = ({ api, channel }: Sample["labels"]): string => `${api} ${channel}`;

function readChannel(metrics: Metrics, { api: apiId = "", channel = "" }: Sample["labels"]): ChannelHealth {
  const info = metrics.get(fullName("api_info"))?.find(({ labels }) => labels.api === apiId)?.labels;
  const of = (name: string, labels: Record<string, string> = {}): Sample[] =>
    (metrics.get(fullName(name)) ?? []).filter(
      (sample) =>
        sample.labels.api === apiId &&
        sample.labels.channel === channel &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
  return {
    apiId,
    apiName: info ? `${info.title} of ${info.publisher}` : null,
    channel,
    events: sum(of("last_sequence")),
    delivered: sum(of("attempts_total", { result: "delivered" })),
    failed: sum(of("attempts_total", { result: "failed" })),
    dead: sum(of("dead_events")),
    failing: most(of("open_circuits")),
    retrying: sum(of("retrying_lanes")),
    oldestWaitingSeconds: most(of("oldest_waiting_seconds")),
    storageBytes: most(of("storage_bytes")),
    alarmFailures: sum(of("alarm_failures_total")),
  };
}

const byNeed = (a: ChannelHealth, b: ChannelHealth): number =>
  b.failing - a.failing || b.oldestWaitingSeconds - a.oldestWaitingSeconds || b.events - a.events;

/** An event that has waited for longer than this is worth a look: 15 minutes. */
const WAITING_SECONDS_MAX = 900;
/** A log takes no more events at 8 GiB. */
const STORAGE_BYTES_WORTH_A_LOOK = 7e9;

/** What is worth an alert, each in a sentence that says what it means. */
export function findWorries({ logs, asked, silent, pushesWaiting, channels }: RelayHealth): string[] {
  const count = (isSo: (channel: ChannelHealth) => boolean): number => channels.filter(isSo).length;
  const stuck = count(({ oldestWaitingSeconds }) => oldestWaitingSeconds > WAITING_SECONDS_MAX);
  const full = count(({ storageBytes }) => storageBytes > STORAGE_BYTES_WORTH_A_LOOK);
  const failing = channels.reduce((total, channel) => total + channel.failing, 0);
  const dead = channels.reduce((total, channel) => total + channel.dead, 0);
  const alarms = channels.reduce((total, channel) => total + channel.alarmFailures, 0);
  return [
    silent > 0 && `${countOf(silent, "log")} did not answer. Is Cloudflare well? The relay’s own log lines say more.`,
    logs > asked && `Only ${asked} of ${logs} logs were asked, so that the figures below are not all.`,
    pushesWaiting > 0 &&
      `${countOf(pushesWaiting, "change")} not yet taken by every log. The relay repeats them each minute.`,
    failing > 0 && `${countOf(failing, "endpoint")} of subscribers fail at every attempt. Their owners have been told.`,
    stuck > 0 && `In ${countOf(stuck, "channel")} an event has waited for more than 15 minutes.`,
    dead > 0 && `${countOf(dead, "event")} given up and not brought back. Their subscribers can do that.`,
    full > 0 && `${countOf(full, "channel")} nearly full: from 8 GiB on they take no more events.`,
    alarms > 0 && `An alarm has failed ${countOf(alarms, "time")}. Look for “alarm_failed” in the relay’s log lines.`,
  ].filter((worry) => worry !== false);
}

export function sayBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
