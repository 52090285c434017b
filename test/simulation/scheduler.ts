import { setImmediate as nextTurn } from "node:timers/promises";
import { isWorkUnderWay } from "./outside-work.ts";

type Task = { atMs: number; order: number; run: () => void };

/** mulberry32: small, seeded, good enough to choose faults. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Time that only moves when nothing is left to do now. Tasks at the same time run in the order they were planned, and
 * all promise work of one ends before the next begins: the same seed gives the same run.
 */
export class Scheduler {
  nowMs = 0;
  #order = 0;
  #heap: Task[] = [];

  /** How many tasks were ever planned: two runs that differ anywhere differ in this. */
  get planned(): number {
    return this.#order;
  }

  at(atMs: number, run: () => void): void {
    this.#push({ atMs: Math.max(atMs, this.nowMs), order: this.#order++, run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.nowMs + ms, resolve));
  }

  /** Runs until nothing is planned; false when `untilMs` or the bound of tasks was reached before. */
  async run(untilMs: number, tasksMax: number): Promise<boolean> {
    for (let tasks = 0; ; tasks++) {
      do await nextTurn();
      while (isWorkUnderWay());
      const task = this.#pop();
      if (!task) return true;
      if (task.atMs > untilMs || tasks > tasksMax) return false;
      this.nowMs = task.atMs;
      task.run();
    }
  }

  #push(task: Task): void {
    const heap = this.#heap;
    heap.push(task);
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!isBefore(heap[i], heap[parent])) break;
      swap(heap, i, parent);
      i = parent;
    }
  }

  #pop(): Task | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    heap[0] = last;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (isBefore(heap[child], heap[least])) least = child;
      if (least === i) return first;
      swap(heap, i, least);
      i = least;
    }
  }
}

const isBefore = (a: Task | undefined, b: Task | undefined): boolean =>
  a !== undefined && b !== undefined && (a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));

function swap(heap: Task[], i: number, j: number): void {
  const [a, b] = [heap[i], heap[j]];
  if (a && b) [heap[i], heap[j]] = [b, a];
}
