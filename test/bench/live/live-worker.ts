import { StreamHub as RelayHub } from "../../../src/hub/stream-hub.ts";
import { TopicLog as RelayLog } from "../../../src/topic/topic-log.ts";
import worker from "../../../src/worker.ts";
import { type LiveCounts, noLiveCounts } from "./live-counts.ts";

const COUNTS_PATH = "/bench/live";

/** The relay as it is, with what its logs do for their listeners counted. Locally the Worker, its logs and its hubs are one isolate. */
let counts: LiveCounts = noLiveCounts();
/** A hub takes so many listeners, where that is fewer than it would: many hubs need not many listeners then. */
let hubListenersMax = Number.POSITIVE_INFINITY;
const pokedHubs = new Set<string>();
/** A statement's rows are known when they have been read. */
let statements: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];

export class TopicLog extends RelayLog {
  constructor(ctx: DurableObjectState, env: Env) {
    countRows(ctx.storage);
    super(ctx, env);
  }

  override readFeed(...[call]: Parameters<RelayLog["readFeed"]>) {
    if (call.hub === null) return super.readFeed(call);
    counts.reads++;
    // Its clock has whole milliseconds: as many readings are too short as are too long.
    const startMs = performance.now();
    const page = super.readFeed(call);
    counts.readingMs += performance.now() - startMs;
    return page;
  }
}

export class StreamHub extends RelayHub {
  #listeners = 0;

  override fetch(request: Request): Promise<Response> {
    if (this.#listeners >= hubListenersMax) {
      return Promise.resolve(Response.json({ reason: "hub_full" }, { status: 409 }));
    }
    this.#listeners++;
    return super.fetch(request);
  }

  override poke(log: string) {
    counts.pokes++;
    pokedHubs.add(this.ctx.id.name ?? "");
    return super.poke(log);
  }
}

/** Rows of a log, as the platform bills them: to set the alarm is one. */
function countRows(storage: DurableObjectStorage): void {
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  replace(sql, "exec", (...parameters: Parameters<typeof exec>) => {
    const statement = exec(...parameters);
    statements.push(statement);
    return statement;
  });
  const setAlarm = storage.setAlarm.bind(storage);
  replace(storage, "setAlarm", (...parameters: Parameters<typeof setAlarm>) => {
    counts.rowsWritten++;
    return setAlarm(...parameters);
  });
}

const replace = (owner: object, name: string, value: unknown): void =>
  void Object.defineProperty(owner, name, { value, configurable: true });

/** What has been counted since it was asked for last. */
function takeCounts(): LiveCounts {
  const taken = { ...counts, hubs: pokedHubs.size };
  for (const { rowsRead, rowsWritten } of statements) {
    taken.rowsRead += rowsRead;
    taken.rowsWritten += rowsWritten;
  }
  statements = [];
  pokedHubs.clear();
  counts = noLiveCounts();
  return taken;
}

// biome-ignore lint/style/noDefaultExport: a Worker's handlers are its default export.
export default {
  fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname !== COUNTS_PATH) return worker.fetch(request, env, ctx);
    hubListenersMax = Number(url.searchParams.get("hubListenersMax") ?? hubListenersMax);
    return Response.json(takeCounts());
  },
  queue: worker.queue,
  scheduled: worker.scheduled,
} satisfies ExportedHandler<Env>;
