import { DurableObject } from "cloudflare:workers";
import type { SqlValue } from "../../../src/topic/platform.ts";
import { scenarioOf } from "./scenarios.ts";
import { type Cost, type CountedStorage, Stage } from "./stage.ts";

/** Storage of an object, with its rows counted as they are billed. */
function countedStorage(storage: DurableObjectStorage): CountedStorage {
  const rows = { read: 0, written: 0 };
  const exec = <Row extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]): Row[] => {
    const cursor = storage.sql.exec(query, ...bindings);
    const found = cursor.toArray() as unknown as Row[];
    rows.read += cursor.rowsRead;
    rows.written += cursor.rowsWritten;
    return found;
  };
  return {
    sql: { all: exec, run: (query, ...bindings) => void exec(query, ...bindings) },
    transaction: (work) => storage.transactionSync(work),
    rows: () => ({ ...rows }),
  };
}

/** A log in an object of its own, as it is deployed, with nothing around it. */
export class StageObject extends DurableObject {
  readonly #stage = new Stage(countedStorage(this.ctx.storage));
  #size = 0;

  grow(scenario: string, to: number): void {
    scenarioOf(scenario).grow(this.#stage, this.#size, to);
    this.#size = to;
  }

  measure(scenario: string, name: string): Promise<Cost> {
    const operation = scenarioOf(scenario).operations.find((one) => one.name === name);
    if (!operation) throw new Error(`there is no operation ${name}`);
    return operation.measure(this.#stage, this.#size);
  }
}

/** A question for one object: to grow, or to measure. */
export type StageCall = { object: string; scenario: string } & ({ growTo: number } | { operation: string });

// biome-ignore lint/style/noDefaultExport: a Worker's handlers are its default export.
export default {
  async fetch(request, env) {
    const call = await request.json<StageCall>();
    const stage = env.STAGE.getByName(call.object);
    if ("operation" in call) return Response.json(await stage.measure(call.scenario, call.operation));
    await stage.grow(call.scenario, call.growTo);
    return Response.json(null);
  },
} satisfies ExportedHandler<{ STAGE: DurableObjectNamespace<StageObject> }>;
