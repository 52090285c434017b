import { TopicLog } from "../../src/topic/topic-log.ts";
import worker from "../../src/worker.ts";
import { type BilledOperations, noOperations } from "./billing.ts";

export { StreamHub } from "../../src/hub/stream-hub.ts";
export { TopicLog } from "../../src/topic/topic-log.ts";

/**
 * The relay as it is, with its billable operations counted. The platform's own objects are wrapped, never the relay's code; locally
 * the Worker and its logs are one isolate, so that they count into one place.
 */
const counts: BilledOperations = noOperations();

// What runs inside a call that serves deliveries is theirs; all else that a log writes is for events (the group commit).
let isDelivering = false;

const PUBLISH_PREFIX = "/v2/events";
const COUNTS_PATH = "/bench/counts";

type Method = (this: unknown, ...parameters: unknown[]) => unknown;

function wrap(owner: object, name: string, wrapper: (original: Method) => Method): void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== "function") throw new Error(`there is no method ${name} to count`);
  const wrapped = wrapper(original as Method);
  Object.defineProperty(owner, name, { value: wrapped, configurable: true, writable: true });
}

function countRows(rows: number): void {
  if (isDelivering) counts.delivery.rowsWritten += rows;
  else counts.event.rowsWritten += rows;
}

wrap(TopicLog.prototype, "append", (append) => {
  return function (...parameters) {
    counts.event.objectRequests++;
    return append.apply(this, parameters);
  };
});

for (const name of ["settleAndLease", "alarm"]) {
  wrap(TopicLog.prototype, name, (method) => {
    return function (...parameters) {
      counts.delivery.objectRequests++;
      isDelivering = true;
      try {
        return method.apply(this, parameters);
      } finally {
        isDelivering = false;
      }
    };
  });
}

/** The platform's classes have no names here: their prototypes are reached through their first instance. */
function countStorage(storage: DurableObjectStorage): void {
  wrap(Object.getPrototypeOf(storage.sql), "exec", (exec) => {
    return function (...parameters) {
      const cursor = exec.apply(this, parameters);
      countRows((cursor as SqlStorageCursor<Record<string, SqlStorageValue>>).rowsWritten);
      return cursor;
    };
  });
  for (const name of ["setAlarm", "deleteAlarm"]) {
    wrap(Object.getPrototypeOf(storage), name, (method) => {
      return function (...parameters) {
        countRows(1);
        return method.apply(this, parameters);
      };
    });
  }
}

/** A write for each message sent. */
function countQueue(queue: Queue): void {
  wrap(Object.getPrototypeOf(queue), "sendBatch", (sendBatch) => {
    return function (...parameters) {
      const [messages] = parameters as [Iterable<unknown>];
      counts.delivery.queueOperations += [...messages].length;
      return sendBatch.apply(this, parameters);
    };
  });
}

/** A publish that is warm asks D1 nothing; whatever it asks shows here. */
function countDatabase(database: D1Database): void {
  wrap(Object.getPrototypeOf(database), "prepare", (prepare) => {
    return function (...parameters) {
      counts.databaseQueries++;
      return prepare.apply(this, parameters);
    };
  });
}

let isCounting = false;
function countPlatform(env: Env): void {
  if (isCounting) return;
  isCounting = true;
  countQueue(env.WAKES);
  countDatabase(env.REGISTRY);
}

let isStorageCounted = false;
const prototype = TopicLog.prototype as unknown as { ctx: DurableObjectState };

/** A log's first call finds its storage; the constructor's own writes (the tables) are nobody's running cost. */
wrap(TopicLog.prototype, "putSubscription", (putSubscription) => {
  return function (...parameters) {
    if (!isStorageCounted) {
      isStorageCounted = true;
      countStorage((this as typeof prototype).ctx.storage);
    }
    return putSubscription.apply(this, parameters);
  };
});

// biome-ignore lint/style/noDefaultExport: a Worker's handlers are its default export.
export default {
  fetch(request, env, ctx) {
    countPlatform(env);
    if (request.url.endsWith(COUNTS_PATH)) return Response.json(counts);
    if (request.url.includes(PUBLISH_PREFIX)) counts.event.workerRequests++;
    return worker.fetch(request, env, ctx);
  },

  /** A read for each message that comes, and a delete for each that is not brought back. */
  queue(batch, env, ctx) {
    countPlatform(env);
    counts.delivery.workerRequests++;
    counts.delivery.queueOperations += 2 * batch.messages.length;
    for (const message of batch.messages) {
      const retry = message.retry.bind(message);
      Object.defineProperty(message, "retry", {
        value: (options: QueueRetryOptions) => {
          counts.delivery.queueOperations--;
          retry(options);
        },
      });
    }
    return worker.queue(batch, env, ctx);
  },

  scheduled: worker.scheduled,
} satisfies ExportedHandler<Env>;
