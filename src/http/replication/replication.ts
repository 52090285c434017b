import { type Context, Hono } from "hono";
import { z } from "zod";
import type { ListenedTopic } from "../../domain/live.ts";
import type { ListenStart } from "../../hub/connect.ts";
import { findPlaces } from "../../hub/places.ts";
import { isUuid } from "../../kernel/ids.ts";
import {
  CURSOR_CHARS_MAX,
  EXPORT_READS_MAX,
  SNAPSHOT_KEYS_BYTES_MAX,
  SNAPSHOT_READS_MAX,
} from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { AppEnv } from "../app-env.ts";
import { checkShape } from "../body.ts";
import { readQuery } from "../call/call.ts";
import { type Problem, problem, refuse } from "../problem.ts";
import { ChannelList } from "../streams/channel-list.ts";
import { describeHubRefusal } from "../streams/hub-problem.ts";
import { anyOrigin } from "../streams/stream.ts";
import { identifyStreamCaller } from "../streams/stream-caller.ts";
import { findListenedTopics } from "../streams/stream-topics.ts";
import { answerLines } from "./answer-lines.ts";
import { PageReads } from "./page-reads.ts";
import { readExport } from "./read-export.ts";
import { readSnapshot } from "./read-snapshot.ts";

const EXPORT = "/v1/apis/:apiId/export";
const SNAPSHOT = "/v1/apis/:apiId/snapshot";

/** What an app needs to build a copy of its channels, and to keep it up with a stream: with the stream's consents, filter and tokens. */
export const replicationRoutes = new Hono<AppEnv>()
  .use(EXPORT, anyOrigin)
  .use(SNAPSHOT, anyOrigin)
  .get(EXPORT, answerExport)
  .get(SNAPSHOT, answerSnapshot);

export const SnapshotQuery = z.object({ channel: ChannelList, subscriptionId: z.uuid().optional() });

export const ExportQuery = SnapshotQuery.extend({
  after: z.string().min(1).max(CURSOR_CHARS_MAX).optional(),
  from: z.enum(["latest", "earliest"]).default("earliest"),
});

const AT_THE_END: ListenStart = { after: null, from: "latest" };

async function answerExport(c: Context<AppEnv>): Promise<Response> {
  const asked = await readAsked(c, ExportQuery);
  if (!asked.ok) return problem(c, asked.error);
  const { topics, query } = asked.value;
  const places = await locate(c, topics, { after: query.after ?? null, from: query.from });
  const ends = places.ok ? await locate(c, topics, AT_THE_END) : places;
  if (!places.ok) return problem(c, places.error);
  if (!ends.ok) return problem(c, ends.error);
  const plan = { places: places.value, ends: ends.value, isFromEarliest: query.after === undefined };
  return answerLines(c, readExport({ logs: c.var.logs, reads: readsOf(c, EXPORT_READS_MAX) }, plan));
}

async function answerSnapshot(c: Context<AppEnv>): Promise<Response> {
  const asked = await readAsked(c, SnapshotQuery);
  if (!asked.ok) return problem(c, asked.error);
  const ends = await locate(c, asked.value.topics, AT_THE_END);
  if (!ends.ok) return problem(c, ends.error);
  const deps = { logs: c.var.logs, reads: readsOf(c, SNAPSHOT_READS_MAX), keyBytesMax: SNAPSHOT_KEYS_BYTES_MAX };
  return answerLines(c, readSnapshot(deps, ends.value));
}

const readsOf = (c: Context<AppEnv>, readsMax: number): PageReads => new PageReads(() => c.var.clock.now(), readsMax);

/** Who asks, and of which topics. */
async function readAsked<Q extends typeof SnapshotQuery>(
  c: Context<AppEnv>,
  schema: Q,
): Promise<Result<{ topics: ListenedTopic[]; query: z.output<Q> }, Problem>> {
  const apiId = (c.req.param("apiId") ?? "").toLowerCase();
  const caller = await identifyStreamCaller(c, apiId);
  if (!caller.ok) return caller;
  if (caller.value.kind === "publisher") return refuse("not_an_app", "This is for an app that has subscribed.");
  const query = checkShape(schema, readQuery(c));
  if (!query.ok) return query;
  if (!isUuid(apiId)) return refuse("subscription_required", "The app has no active subscription of this API.");
  const { channel: channels, subscriptionId = null } = query.value;
  const topics = await findListenedTopics(c.env.REGISTRY, caller.value, { apiId, channels, subscriptionId });
  return topics.ok ? ok({ topics: topics.value, query: query.value }) : topics;
}

async function locate(c: Context<AppEnv>, topics: ListenedTopic[], start: ListenStart) {
  const places = await findPlaces({ logs: c.var.logs, topics, start, onGap: "refuse", kept: null });
  return places.ok ? places : err(describeHubRefusal(places.error));
}
