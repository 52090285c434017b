import { z } from "zod";
import { readLogName } from "../../domain/topic.ts";
import { METRICS_LOGS_MAX, METRICS_MS_MAX, METRICS_PARTS_MAX, METRICS_PUSHES_MAX } from "../../kernel/limits.ts";
import { ok } from "../../kernel/result.ts";
import { countPushes, listMeasurableLogs, type MeasurableLog } from "../../registry/measured-logs.ts";
import { read } from "../call/call.ts";
import { askLogs } from "./ask-logs.ts";
import { logFamilies } from "./log-families.ts";
import { type Family, type Labels, PROMETHEUS_TYPE, writeFamilies } from "./prometheus.ts";

const PartQuery = z
  .object({
    part: z.coerce.number().int().min(0).default(0),
    parts: z.coerce.number().int().min(1).max(METRICS_PARTS_MAX).default(1),
  })
  .refine(({ part, parts }) => part < parts, { path: ["part"], message: "is one of `parts`, from 0 on" });

/** `GET /metrics`: what Prometheus asks for. */
export const metricsRoute = read({
  path: "/metrics",
  tag: "Operations",
  summary: `Metrics of the first ${METRICS_LOGS_MAX} logs, for Prometheus; of more logs than that, ask for each of several parts`,
  action: "metrics.read",
  query: PartQuery,
  answers: z.string(),
  content: { "text/plain": { schema: z.string() } },
  handle: async ({ db, logs, query }) => {
    const [{ logs: asked, all }, pushes] = await Promise.all([
      listMeasurableLogs(db, query, METRICS_LOGS_MAX),
      countPushes(db, METRICS_PUSHES_MAX),
    ]);
    const answers = await askLogs(
      logs,
      asked.map(({ log }) => log),
      METRICS_MS_MAX,
    );
    const measured = asked.flatMap((log) => {
      const metrics = answers.get(log.log);
      return metrics ? { labels: labelsOf(log), metrics } : [];
    });
    const relay = relayFamilies({ all, asked: asked.length, silent: asked.length - answers.size, pushes });
    return ok(writeFamilies([...relay, apiFamily(asked), ...logFamilies(measured)]));
  },
  render: (text) => ({ text, mediaType: PROMETHEUS_TYPE }),
});

const labelsOf = ({ log, apiId, address }: MeasurableLog): Labels => ({
  api: apiId,
  channel: address,
  shard: String(readLogName(log).shard),
});

/** Labels that would be the same at each sample of an API, once; its publisher may change them at any time. */
const apiFamily = (logs: MeasurableLog[]): Family => ({
  name: "event_relay_api_info",
  type: "gauge",
  help: "What an API is called, and its publisher. Always 1.",
  samples: [...new Map(logs.map((log) => [log.apiId, log])).values()].map(({ apiId, apiTitle, publisherName }) => ({
    labels: { api: apiId, title: apiTitle, publisher: publisherName },
    value: 1,
  })),
});

function relayFamilies(counts: { all: number; asked: number; silent: number; pushes: number }): Family[] {
  const gauge = (name: string, help: string, value: number): Family => ({
    name: `event_relay_${name}`,
    type: "gauge",
    help,
    samples: [{ labels: {}, value }],
  });
  return [
    gauge("logs", "Logs of channels, in this part.", counts.all),
    gauge("logs_asked", "Those of them that were asked for this answer.", counts.asked),
    gauge("logs_silent", "Those of them that did not answer.", counts.silent),
    gauge(
      "pushes_waiting",
      `Changes that a log has not taken yet; ${METRICS_PUSHES_MAX}: at least. The same in every part.`,
      counts.pushes,
    ),
  ];
}
