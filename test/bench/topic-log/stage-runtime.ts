import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { GROWTH_MAX, type Scenario } from "./scenario.ts";
import type { Cost } from "./stage.ts";
import type { StageCall } from "./stage-worker.ts";

/** What each operation costs at each size. */
export type Measured = { name: string; costs: Cost[] }[];

/** Runs logs, and nothing else of the relay, in Durable Objects. */
export class StageRuntime {
  readonly #miniflare: Miniflare;
  readonly #cleanUp: () => void;

  private constructor(miniflare: Miniflare, cleanUp: () => void) {
    this.#miniflare = miniflare;
    this.#cleanUp = cleanUp;
  }

  static async start(): Promise<StageRuntime> {
    const dir = mkdtempSync(join(tmpdir(), "event-relay-bench-"));
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, "stage-worker.ts")],
      bundle: true,
      write: false,
      format: "esm",
      target: "esnext",
      external: ["cloudflare:workers"],
    });
    const miniflare = new Miniflare(
      convertV4MiniflareOptions({
        host: "127.0.0.1",
        port: 0,
        cf: false,
        log: new Log(LogLevel.ERROR),
        resourcePersistencePath: join(dir, "state"),
        telemetry: { enabled: false },
        workers: [
          {
            name: "stage",
            modules: true,
            script: outputFiles[0]?.text ?? "",
            compatibilityDate: "2026-10-01",
            durableObjects: { STAGE: { className: "StageObject", useSQLite: true } },
          },
        ],
      }),
    );
    return new StageRuntime(miniflare, () => rmSync(dir, { recursive: true, force: true }));
  }

  /** Measures a scenario at each of these sizes, each in an object of its own. */
  async measure({ name: scenario, operations }: Scenario, sizes: number[]): Promise<Measured> {
    const measured: Measured = operations.map(({ name }) => ({ name, costs: [] }));
    for (const size of sizes) {
      const object = `${scenario}, ${size}`;
      for (let growTo = 0; growTo < size; ) {
        growTo = Math.min(size, growTo + GROWTH_MAX);
        await this.#call({ object, scenario, growTo });
      }
      for (const { name: operation, costs } of measured) costs.push(await this.#call({ object, scenario, operation }));
    }
    return measured;
  }

  async stop(): Promise<void> {
    await this.#miniflare.dispose();
    this.#cleanUp();
  }

  async #call(call: StageCall): Promise<Cost> {
    const answer = await this.#miniflare.dispatchFetch("http://stage/", { method: "POST", body: JSON.stringify(call) });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Cost;
  }
}
