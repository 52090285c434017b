import { queryOptions } from "@tanstack/react-query";
import { client } from "../../api/client.ts";
import { type RelayHealth, readHealth } from "./health-figures.ts";
import { joinMetrics, type Metrics, readMetrics } from "./metrics-text.ts";

const REFRESH_MS = 30_000;
/** One answer asks a bounded number of logs; so many answers are put together at most. */
const PARTS_MAX = 10;
/** Logs are spread over the parts by chance: so that each of them is asked, parts have some room. */
const ROOM = 1.5;

async function readPart(part: number, parts: number): Promise<Metrics> {
  const { data = "" } = await client.GET("/metrics", { params: { query: { part, parts } }, parseAs: "text" });
  return readMetrics(data);
}

/** All logs: at once where one answer is about all of them. */
async function readAll(): Promise<RelayHealth> {
  const whole = await readPart(0, 1);
  const { logs, asked } = readHealth(whole);
  if (logs <= asked || asked === 0) return readHealth(whole);
  const parts = Math.min(PARTS_MAX, Math.ceil((logs / asked) * ROOM));
  const read: Metrics[] = [];
  for (let part = 0; part < parts; part++) read.push(await readPart(part, parts));
  return readHealth(joinMetrics(read));
}

/** How the relay is now; asked again while somebody looks. */
export const healthQuery = queryOptions({
  queryKey: ["get", "/metrics"],
  queryFn: readAll,
  refetchInterval: REFRESH_MS,
});
