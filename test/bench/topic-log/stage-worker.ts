import { DurableObject } from "cloudflare:workers";
import { countedStorage } from "./counted-storage.ts";
import { scenarioOf } from "./scenarios.ts";
import { type Cost, Stage } from "./stage.ts";

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
