import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { Miniflare, V4WorkerOptions, V4WorkerOptionsShape } from "miniflare";
import { applyMigrations } from "../registry/migrations.ts";

const ROOT = join(import.meta.dirname, "../..");
const MIGRATIONS = join(ROOT, "src/registry/migrations");

/** The name of the relay's Worker in a local workerd. */
export const RELAY = "relay";

/** Vars and secrets of a local relay. */
export type RelayBindings = Record<
  "RELAY_ORIGIN" | "ALLOW_PRIVATE_ENDPOINTS" | "RELAY_OPERATOR_TOKEN" | "RELAY_MASTER_KEY",
  string
> &
  Partial<RelayVars>;

/** Vars of wrangler.toml that a local relay may have otherwise. */
export type RelayVars = Pick<
  Env,
  | "ENDPOINT_RESOLVER"
  | "ENDPOINT_RESOLVER_FAILURE"
  | "ENDPOINT_VERIFICATION"
  | "OIDC_ISSUER"
  | "OIDC_CLIENT_ID"
  | "OIDC_LABEL"
  | "OIDC_OPERATORS"
  | "OIDC_EMAIL_VERIFICATION"
> & { OIDC_CLIENT_SECRET: string };

/** Bundles a Worker of this project as a deployment would, into `outDir`; answers the bundle's path. */
export async function buildWorker(entry: string, outDir: string): Promise<string> {
  const wrangler = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
  const env = { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false", NO_UPDATE_NOTIFIER: "1" };
  const args = [wrangler, "deploy", join(ROOT, entry), "--dry-run", "--outdir", outDir];
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the relay was not built:\n${output}`);
  return join(outDir, basename(entry).replace(/\.ts$/, ".js"));
}

/** The relay's Worker in workerd, with the bindings that wrangler.toml gives it, on a socket of its own. */
export async function relayWorker(script: string, port: number, bindings: RelayBindings): Promise<V4WorkerOptions> {
  process.env.WRANGLER_LOG = "none";
  const { unstable_getMiniflareWorkerOptions } = await import("wrangler");
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, "wrangler.toml"));
  return {
    // What is not set there is undefined in them, which Miniflare's own type does not take.
    ...(workerOptions as V4WorkerOptionsShape),
    name: RELAY,
    rootPath: dirname(script),
    modules: [{ type: "ESModule", path: script }],
    // Asked directly: the proxy of `wrangler dev` costs most of the throughput.
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
    stripCfConnectingIp: false,
    bindings: { ...(workerOptions as V4WorkerOptionsShape).bindings, ...bindings },
  };
}

/** Brings the registry of a local runtime to this version. */
export async function migrateRegistry(miniflare: Miniflare): Promise<void> {
  const { unstable_splitSqlQuery } = await import("wrangler");
  const migrations = readdirSync(MIGRATIONS)
    .sort()
    .map((name) => ({ name, statements: unstable_splitSqlQuery(readFileSync(join(MIGRATIONS, name), "utf8")) }));
  const db = await miniflare.getD1Database("REGISTRY", RELAY);
  await applyMigrations(db as unknown as D1Database, migrations);
}
