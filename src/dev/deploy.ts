import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { newToken } from "../kernel/ids.ts";
import { ok, type Result } from "../kernel/result.ts";
import {
  type Account,
  chooseSecrets,
  type Plan,
  planDeployment,
  readNames,
  type SecretFault,
  type Target,
} from "./deployment-plan.ts";
import { readTarget } from "./wrangler-config.ts";

const ROOT = join(import.meta.dirname, "../..");
const WRANGLER = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
/** Nothing in any account: what a dry run plans for. */
const EMPTY_ACCOUNT: Account = { databases: [], secrets: [] };

const { values: options } = parseArgs({
  options: { env: { type: "string", default: "" }, "dry-run": { type: "boolean", default: false } },
});
try {
  const target = await readTarget(options.env);
  process.exitCode = await (options["dry-run"] ? rehearse(target) : deploy(target));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Says what a deployment into an empty account would do, and builds the Worker as it would be deployed. */
async function rehearse(target: Target): Promise<number> {
  // A rehearsal goes on before the origin is anybody's.
  const planned = planDeployment({ ...target, origin: "https://relay.test" }, EMPTY_ACCOUNT);
  if (!planned.ok) return 1;
  for (const { why, wrangler } of planned.value.steps) console.log(`would ${why}: wrangler ${wrangler.join(" ")}`);
  console.log(`would make the secrets ${planned.value.missingSecrets.join(", ")}`);
  const outDir = mkdtempSync(join(tmpdir(), "event-relay-deploy-"));
  try {
    return await show(["deploy", target.envFlag, "--dry-run", "--outdir", outDir]);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

async function deploy(target: Target): Promise<number> {
  const planned = planDeployment(target, await lookAround(target));
  if (!planned.ok)
    return refuse(`RELAY_ORIGIN is ${planned.error.origin}: put the relay's own https origin into wrangler.toml.`);
  const provided = provideSecrets(target, planned.value);
  if (!provided.ok) return refuse(`The Worker has no ${provided.error.name}: give it in the environment.`);
  const secretsFile = provided.value;
  for (const { why, wrangler } of planned.value.steps) {
    console.log(`\n== ${why}`);
    const withSecrets = wrangler[0] === "deploy" && secretsFile ? ["--secrets-file", secretsFile] : [];
    const code = await show([...wrangler, ...withSecrets]);
    if (code !== 0) return code;
  }
  sayWhatIsNext(target, secretsFile);
  return 0;
}

function refuse(why: string): number {
  console.error(why);
  return 1;
}

/** What is in the account. A Worker that is not there has no secrets. */
async function lookAround({ envFlag }: Target): Promise<Account> {
  const databases = await ask(["d1", "list", "--json"]);
  const secrets = await ask(["secret", "list", envFlag], /Worker "[^"]*".* not found/);
  return { databases: readNames(databases), secrets: readNames(secrets) };
}

/**
 * A file with the secrets that the Worker lacks. It is there before the deployment and stays after it, as nobody can read a
 * secret back; null: none are missing.
 */
function provideSecrets({ worker }: Target, { missingSecrets }: Plan): Result<string | null, SecretFault> {
  if (missingSecrets.length === 0) return ok(null);
  const file = join(ROOT, ".wrangler/secrets", `${worker}.json`);
  const kept = existsSync(file) ? z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, "utf8"))) : {};
  const make = process.env.CI ? null : () => newToken("");
  const secrets = chooseSecrets(missingSecrets, { given: process.env, kept, make });
  if (!secrets.ok) return secrets;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(secrets.value, null, 2), { mode: 0o600 });
  return ok(file);
}

function sayWhatIsNext({ origin }: Target, secretsFile: string | null): void {
  console.log(`\nThe relay is at ${origin}`);
  if (secretsFile === null) return;
  console.log(`Its secrets are in ${secretsFile}. Keep them where you keep secrets, and delete the file.`);
  console.log("The first call makes an organization, and shows its token once:\n");
  console.log(`curl ${origin}/v1/organizations -H "Authorization: Bearer $RELAY_OPERATOR_TOKEN" \\`);
  console.log(`  -H 'Content-Type: application/json' -d '{"name":"Workshop Software"}'`);
}

/** Runs wrangler where the operator sees it and may be asked. Answers its exit code. */
function show(args: string[]): Promise<number> {
  const child = spawn(process.execPath, [WRANGLER, ...args], { cwd: ROOT, stdio: "inherit" });
  return new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
}

/** What wrangler prints; an empty list where it says that there is no such thing. */
async function ask(args: string[], isNotThere?: RegExp): Promise<string> {
  const child = spawn(process.execPath, [WRANGLER, ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let said = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code === 0) return out;
  if (isNotThere?.test(out + said)) return "[]";
  throw new Error(`wrangler ${args.join(" ")} failed:\n${out}${said}`);
}
