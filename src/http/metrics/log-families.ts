import type { LogMetrics } from "../../domain/log-metrics.ts";
import type { Family, Labels } from "./prometheus.ts";

/** What one log says of itself, and the labels that tell it from the others. */
export type MeasuredLog = { labels: Labels; metrics: LogMetrics };

/** `value` is undefined where a log of another version does not say it. */
type Reading = { labels: Labels; value: number | undefined };

type LogFamily = Omit<Family, "samples"> & { read(metrics: LogMetrics): Reading[] };

type Value = (metrics: LogMetrics) => number | undefined;
type Values = (metrics: LogMetrics) => Record<string, number | undefined>;

const one =
  (value: Value): LogFamily["read"] =>
  (metrics) => [{ labels: {}, value: value(metrics) }];

const by =
  (label: string, values: Values): LogFamily["read"] =>
  (metrics) =>
    Object.entries(values(metrics)).map(([name, value]) => ({ labels: { [label]: name }, value }));

const counter = (name: string, help: string, read: LogFamily["read"]): LogFamily => ({
  name: `event_relay_${name}_total`,
  type: "counter",
  help,
  read,
});

const gauge = (name: string, help: string, value: Value): LogFamily => ({
  name: `event_relay_${name}`,
  type: "gauge",
  help,
  read: one(value),
});

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

/** Every metric of a log, in the order in which they are written. */
export const LOG_FAMILIES: LogFamily[] = [
  gauge(
    "log_start_time_seconds",
    "When the log's object started, as a Unix time: but for attempts its counters are kept in memory and begin anew then.",
    ({ startedMs }) => seconds(startedMs),
  ),
  counter(
    "events",
    "Events that publishers sent, by what became of them.",
    by("outcome", ({ outcomes }) => outcomes),
  ),
  counter(
    "invalid_events",
    "Events that were accepted although they do not have the form of their channel's messages.",
    one(({ counts }) => counts.invalid),
  ),
  counter(
    "event_bytes",
    "Bytes of the bodies of accepted events.",
    one(({ counts }) => counts.bodyBytes),
  ),
  counter(
    "appends",
    "Publish calls that reached the log.",
    one(({ counts }) => counts.appendCalls),
  ),
  counter(
    "append_retries",
    "Publish calls that were made again because their answer was lost.",
    one(({ counts }) => counts.appendRetries),
  ),
  counter(
    "append_batches",
    "Transactions that publish calls shared.",
    one(({ counts }) => counts.batches),
  ),
  counter(
    "attempts",
    "Delivery attempts, by their result. They are stored: whatever restarts there were, these are all.",
    by("result", ({ counts: { delivered, failed } }) => ({ delivered, failed })),
  ),
  counter(
    "attempt_seconds",
    "How long all attempts took together. Stored as well.",
    one(({ counts }) => seconds(counts.attemptMs)),
  ),
  counter(
    "dead_deliveries",
    "Deliveries that were given up.",
    one(({ counts }) => counts.dead),
  ),
  counter(
    "leases",
    "Leases given to consumers.",
    one(({ counts }) => counts.leases),
  ),
  counter(
    "expired_leases",
    "Leases taken back from consumers that did not settle them in time.",
    one(({ counts }) => counts.expiredLeases),
  ),
  counter(
    "settled_leases",
    "Leases that their consumers settled: in time, or after they were taken back.",
    by("when", ({ counts }) => ({ in_time: counts.settles, late: counts.lateSettles })),
  ),
  counter(
    "wakes",
    "Wakes, by the queue that took them; unsent: neither did, and the alarm tries again.",
    by("queue", ({ counts }) => ({ fresh: counts.freshWakes, retry: counts.retryWakes, unsent: counts.unsentWakes })),
  ),
  counter(
    "alarm_runs",
    "Runs of the log's alarm.",
    one(({ counts }) => counts.alarmRuns),
  ),
  counter(
    "alarm_failures",
    "Runs of the log's alarm that failed.",
    one(({ counts }) => counts.alarmFailures),
  ),
  gauge(
    "last_sequence",
    "The number of the last event. It is stored: its growth is what was accepted, whatever restarts there were.",
    ({ gauges }) => gauges.lastSeq,
  ),
  gauge("storage_bytes", "What the log's object stores.", ({ gauges }) => gauges.storageBytes),
  gauge("subscriptions", "Subscriptions that the log knows.", ({ gauges }) => gauges.subscriptions),
  gauge(
    "delivering_subscriptions",
    "Those of them that are active and have an endpoint.",
    ({ gauges }) => gauges.delivering,
  ),
  gauge(
    "gated_subscriptions",
    "Subscriptions that wait until the shard before this one is through with their keys.",
    ({ gauges }) => gauges.gated,
  ),
  gauge("open_circuits", "Subscriptions whose endpoint does nothing but fail.", ({ gauges }) => gauges.openCircuits),
  gauge("live_leases", "Leases that consumers hold now.", ({ gauges }) => gauges.liveLeases),
  gauge("lanes", "Keys with something outstanding behind a cursor; 10,000: at least.", ({ gauges }) => gauges.lanes),
  gauge("retrying_lanes", "Those of them whose first event has failed.", ({ gauges }) => gauges.retryingLanes),
  gauge(
    "dead_events",
    "Deliveries that were given up and that nobody has brought back; 10,000: at least.",
    ({ gauges }) => gauges.deadEvents,
  ),
  gauge(
    "cursor_lag_events",
    "How far the slowest cursor is behind the last event; filters and consents may leave less to deliver.",
    ({ gauges }) => gauges.cursorLag,
  ),
  gauge(
    "oldest_waiting_seconds",
    "How long the oldest event has waited that may still be owed to somebody.",
    (metrics) => seconds(metrics.gauges.oldestWaitingMs),
  ),
];

/** The metrics of these logs. */
export const logFamilies = (logs: MeasuredLog[]): Family[] =>
  LOG_FAMILIES.map(({ read, ...family }) => ({
    ...family,
    samples: logs.flatMap(({ labels, metrics }) =>
      read(metrics).flatMap((reading) =>
        reading.value === undefined ? [] : { labels: { ...labels, ...reading.labels }, value: reading.value },
      ),
    ),
  }));
