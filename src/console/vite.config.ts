import { join } from "node:path";
import { defineConfig } from "vite";
import { limitFirstLoad } from "./first-load.ts";

/** The relay that `npm run console:dev` talks to. */
const RELAY_ORIGIN = process.env.RELAY_ORIGIN ?? "http://127.0.0.1:8787";
const RELAY_PATHS = ["/v1", "/v2", "/session", "/oauth2", "/metrics", "/openapi.json", "/docs", "/directory"];

const documentation = (file: string): string => join(import.meta.dirname, "documentation", file);

/** The renderer of AsyncAPI documents does with the parser's models alone: the parser writes code, which the page may not. */
const WITHOUT_PARSER = [
  { find: /^@asyncapi\/parser(\/cjs\/document)?$/, replacement: documentation("document-models.ts") },
  { find: /^@asyncapi\/\w+-schema-parser$/, replacement: documentation("left-out.ts") },
  { find: /^@stoplight\/[\w-]+$/, replacement: documentation("left-out.ts") },
  { find: /^@asyncapi\/specs$/, replacement: documentation("no-specs.json") },
  { find: /^openapi-sampler$/, replacement: documentation("bounded-sample.ts") },
  { find: /^marked$/, replacement: documentation("plain-markdown.ts") },
];

/** The documents that the repository shows by example are the console's examples too. */
const EXAMPLES = { find: /^specs\//, replacement: join(import.meta.dirname, "../../specs/") };

/** The console as the Worker serves it: one page, and files whose names say what is in them. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  resolve: { alias: [...WITHOUT_PARSER, EXAMPLES] },
  plugins: [limitFirstLoad()],
  // The Worker puts a nonce of each answer in its place.
  html: { cspNonce: "CSP-NONCE" },
  build: {
    outDir: join(import.meta.dirname, "../../dist/console"),
    emptyOutDir: true,
    // As data: URLs, fonts would need a wider policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      // "use client" means nothing where there is no server that renders.
      onLog: (level, log, handle) => log.code === "MODULE_LEVEL_DIRECTIVE" || handle(level, log),
    },
    // The editor and the documentation's renderer are large, and load when somebody opens them.
    chunkSizeWarningLimit: 3000,
  },
  server: {
    proxy: Object.fromEntries(
      RELAY_PATHS.map((path) => [
        path,
        { target: RELAY_ORIGIN, changeOrigin: true, headers: { Origin: RELAY_ORIGIN } },
      ]),
    ),
  },
});
