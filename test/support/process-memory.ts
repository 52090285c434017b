import { execFileSync } from "node:child_process";

type Row = { pid: number; parent: number; kib: number; command: string };

/** What every workerd below this process holds in memory together, in bytes. */
export function measureWorkerdBytes(): number {
  const rows = listProcesses();
  const below = new Set([process.pid]);
  for (let before = 0; before < below.size; ) {
    before = below.size;
    for (const { pid, parent } of rows) if (below.has(parent)) below.add(pid);
  }
  const ours = rows.filter(({ pid, command }) => below.has(pid) && command.includes("workerd"));
  if (ours.length === 0) throw new Error("no workerd runs below this process");
  return ours.reduce((sum, { kib }) => sum + kib * 1024, 0);
}

function listProcesses(): Row[] {
  const text = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss=,comm="], { encoding: "utf8" });
  return text.split("\n").flatMap((line) => {
    const [pid, parent, kib, ...command] = line.trim().split(/\s+/);
    return pid ? [{ pid: Number(pid), parent: Number(parent), kib: Number(kib), command: command.join(" ") }] : [];
  });
}
