import { join } from "node:path";
import type { Unstable_Config } from "wrangler";
import type { Target } from "./deployment-plan.ts";

const WRANGLER_TOML = join(import.meta.dirname, "../../wrangler.toml");

/** wrangler.toml as wrangler understands it for one environment; `""` is the top level. */
export async function readWranglerConfig(env: string): Promise<Unstable_Config> {
  const { unstable_readConfig } = await import("wrangler");
  return unstable_readConfig({ config: WRANGLER_TOML, env }, { hideWarnings: true });
}

/** What a deployment has to know of an environment. */
export async function readTarget(env: string): Promise<Target> {
  const { name, vars, secrets, d1_databases: databases } = await readWranglerConfig(env);
  const [database] = databases;
  if (!name || !database?.database_name) throw new Error("wrangler.toml has no name, or no database with a name");
  return {
    envFlag: `--env=${env}`,
    worker: name,
    origin: String(vars.RELAY_ORIGIN),
    database: { binding: database.binding, name: database.database_name, id: database.database_id },
    requiredSecrets: secrets?.required ?? [],
  };
}
