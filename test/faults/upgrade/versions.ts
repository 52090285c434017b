import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Miniflare } from "miniflare";
import { buildWorker, migrateRegistry } from "../../../src/dev/relay-worker.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** One version of this code, ready to run. */
export type Version = {
  name: string;
  /** Its Worker as it would be deployed. */
  script: string;
  migrateRegistry(miniflare: Miniflare): Promise<void>;
  close(): void;
};

export async function buildThisVersion(outDir: string): Promise<Version> {
  const script = await buildWorker("src/worker.ts", outDir);
  return { name: "this version", script, migrateRegistry, close: () => {} };
}

/** A version out of the repository's history, in a work tree of its own, with the dependencies of this one. */
export async function buildVersion(commit: string, outDir: string): Promise<Version> {
  const tree = join(mkdtempSync(join(tmpdir(), "event-relay-version-")), "tree");
  const close = (): void => {
    run("git", ["worktree", "remove", "--force", tree]);
    rmSync(join(tree, ".."), { recursive: true, force: true });
  };
  run("git", ["worktree", "add", "--detach", tree, commit]);
  try {
    symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"));
    const generate = join(tree, "src/dev/generate-linter.ts");
    if (existsSync(generate)) run(process.execPath, [generate], tree);
    const its: typeof import("../../../src/dev/relay-worker.ts") = await import(join(tree, "src/dev/relay-worker.ts"));
    const script = await its.buildWorker("src/worker.ts", outDir);
    return { name: commit, script, migrateRegistry: its.migrateRegistry, close };
  } catch (error) {
    close();
    throw error;
  }
}

function run(command: string, args: string[], cwd = ROOT): void {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stderr}`);
}
