import { appendFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reporter } from "vitest/node";

/** Where everything stands that a run of the tests has logged. The processes of a run inherit it from the first. */
const FILE = "EVENT_RELAY_CAPTURED_LOG";

/** The file; null where nobody captures. */
export const capturedLog = (): string | null => process.env[FILE] ?? null;

/** Keeps a line that a relay in a process of its own has logged. */
export function captureLine(line: string): void {
  const file = capturedLog();
  if (file !== null) appendFileSync(file, `${line}\n`);
}

type ConsoleLog = Parameters<NonNullable<Reporter["onUserConsoleLog"]>>[0];

/** Keeps what tests, and the Workers under test, write to their consoles. A run without it keeps nothing at all. */
export default class LogCapture implements Reporter {
  onInit(): void {
    process.env[FILE] = join(mkdtempSync(join(tmpdir(), "event-relay-log-")), "captured.log");
  }

  onUserConsoleLog({ content }: ConsoleLog): void {
    captureLine(content);
  }
}
