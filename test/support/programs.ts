import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";

const running: ChildProcess[] = [];

/** Starts a program that inherits nothing but where programs are. */
export function startProgram(
  program: string,
  args: string[],
  env: Record<string, string>,
): ChildProcessByStdio<null, Readable, Readable> {
  const PATH = process.env.PATH ?? "";
  const child = spawn(program, args, {
    env: { PATH, ...env } as unknown as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  return child;
}

export type Ended = { status: number | null; stdout: string; stderr: string };

export async function runProgram(program: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = startProgram(program, args, env);
  const ended: Ended = { status: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (ended.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (ended.stderr += text));
  ended.status = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  return ended;
}

/** Ends what still runs. */
export function endPrograms(): void {
  for (const program of running.splice(0)) program.kill();
}
