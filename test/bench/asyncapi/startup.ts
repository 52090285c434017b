import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { median } from "./median.ts";

const TRIES = { full: 3, quick: 1 };

export type StartupMeasured = { activeMs: number; bundleKib: number; gzipKib: number };

/** What `wrangler check startup` says of the Worker as it would be deployed: the median of several runs. */
export async function measureStartup(quick: boolean): Promise<StartupMeasured> {
  const runs: StartupMeasured[] = [];
  for (let n = 0; n < TRIES[quick ? "quick" : "full"]; n++) runs.push(await checkStartup());
  const [first] = runs;
  if (!first) throw new Error("no run");
  return { ...first, activeMs: median(runs.map(({ activeMs }) => activeMs)) };
}

async function checkStartup(): Promise<StartupMeasured> {
  const dir = mkdtempSync(join(tmpdir(), "event-relay-startup-"));
  try {
    const output = await runWrangler(["check", "startup", "--outfile", join(dir, "startup.cpuprofile")]);
    return {
      activeMs: numberIn(output, /Active: ([\d.]+) ms/),
      bundleKib: numberIn(output, /Bundle: ([\d.]+) KiB/),
      gzipKib: numberIn(output, /gzip: ([\d.]+) KiB/),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function numberIn(text: string, pattern: RegExp): number {
  const [, number] = pattern.exec(text) ?? [];
  if (number === undefined) throw new Error(`wrangler said something else:\n${text}`);
  return Number(number);
}

function runWrangler(args: string[]): Promise<string> {
  const wrangler = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
  const env = {
    ...process.env,
    CI: "true",
    WRANGLER_LOG: "log",
    WRANGLER_SEND_METRICS: "false",
    NO_UPDATE_NOTIFIER: "1",
  };
  const child = spawn(process.execPath, [wrangler, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  return new Promise((resolve, reject) =>
    child.once("error", reject).once("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`wrangler ended with ${code ?? signal}:\n${output}`));
    }),
  );
}
