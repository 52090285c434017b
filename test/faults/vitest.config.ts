import { defineConfig } from "vitest/config";

const MINUTE_MS = 60_000;

export default defineConfig({
  test: {
    name: "faults",
    include: ["test/faults/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 10 * MINUTE_MS,
    hookTimeout: 2 * MINUTE_MS,
  },
});
