import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildWorker } from "../../src/dev/relay-worker.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the relay's bundle. */
    relayScript: string;
  }
}

/** Bundles the relay once for a run: every black-box test file starts the same one. */
export async function setup(project: TestProject): Promise<() => void> {
  const dir = mkdtempSync(join(tmpdir(), "event-relay-bundle-"));
  project.provide("relayScript", await buildWorker("src/worker.ts", dir));
  return () => rmSync(dir, { recursive: true, force: true });
}
