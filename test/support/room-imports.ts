/** The rooms of `src`, each of which may import itself and the rooms before it. */
export const ROOMS = [
  "kernel",
  "json-schema",
  "markup",
  "domain",
  "asyncapi",
  "stream",
  "registry",
  "keys",
  "oauth",
  "topic",
  "hub",
  "delivery",
  "http",
  "console",
  "dev",
];

/** The parts of the room `topic`, in the same order; what stands beside them comes last. */
const TOPIC_PARTS = ["store", "state", "queries", "engine", "feed", "shards", "reports"];

/** Packages a room may use, where it may not use every one. */
const PACKAGES = new Map([
  ["kernel", [] as string[]],
  ["json-schema", []],
  ["markup", ["hono/html"]],
  ["domain", ["zod"]],
]);

const COMPOSITION_ROOT = "worker.ts";
const TOPIC_DOOR = "topic/client.ts";
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;
// `import x from "…"`, `export x from "…"`, `import "…"`, `import("…")`, type-only ones included.
const SPECIFIER = /\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g;
const D1_CALL = /\.prepare\s*\(|\.withSession\s*\(/;

/** A source file by its path within `src`, with `/` between its parts. */
export type SourceFile = { path: string; text: string };

/** One sentence for each thing that the rooms (README, "The house") do not allow. */
export function findViolations(files: SourceFile[]): string[] {
  return files.flatMap((file) => {
    const code = file.text.replace(COMMENT, "");
    const specifiers = [...code.matchAll(SPECIFIER)].map((match) => match[1] ?? "");
    const faults = specifiers.flatMap((specifier) => checkImport(file.path, specifier) ?? []);
    const room = roomOf(file.path);
    if (room === undefined && file.path !== COMPOSITION_ROOT) faults.push("is in no room");
    if (room !== "registry" && D1_CALL.test(code)) faults.push("talks to D1, which only registry does");
    return faults.map((fault) => `${file.path} ${fault}`);
  });
}

const roomOf = (path: string): string | undefined => ROOMS.find((room) => path.startsWith(`${room}/`));

function checkImport(from: string, specifier: string): string | undefined {
  const room = roomOf(from);
  if (!specifier.startsWith(".")) {
    const allowed = room === undefined ? undefined : PACKAGES.get(room);
    return allowed && !allowed.includes(specifier) ? `uses the package ${specifier}` : undefined;
  }
  // As a text of its own: an example to begin with.
  if (room === "console" && /\/specs\/[\w.-]+\?raw$/.test(specifier)) return undefined;
  const target = resolve(from, specifier);
  if (target === undefined) return `imports ${specifier}, which is outside src`;
  if (target === COMPOSITION_ROOT) return "imports the composition root, which nobody does";
  if (from === COMPOSITION_ROOT) return undefined;
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) return `imports ${target}, which is in no room`;
  if (ROOMS.indexOf(targetRoom) > ROOMS.indexOf(room ?? "")) return `imports ${target}, a room above it`;
  if (room === "console" && targetRoom === "http") return `imports ${target}: the console calls the public API only`;
  if (targetRoom === "topic" && room !== "topic" && target !== TOPIC_DOOR) {
    return `imports ${target} instead of going through ${TOPIC_DOOR}`;
  }
  if (room === targetRoom && room === "topic" && topicPartOf(target) > topicPartOf(from))
    return `imports ${target}, a part above it`;
  return undefined;
}

/** How high a file of the room `topic` stands in it. */
function topicPartOf(path: string): number {
  const part = TOPIC_PARTS.findIndex((name) => path.startsWith(`topic/${name}/`));
  return part < 0 ? TOPIC_PARTS.length : part;
}

/** The path within `src` that a relative specifier means; undefined where it leads out of it. */
function resolve(from: string, specifier: string): string | undefined {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== ".") {
      parts.push(part);
    }
  }
  return parts.join("/");
}
