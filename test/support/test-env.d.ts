declare namespace Cloudflare {
  interface Env {
    /** The registry's migrations, given by vitest.config.ts. */
    MIGRATIONS: import("cloudflare:test").D1Migration[];
    /** Databases without tables. */
    REGISTRY_1: D1Database;
    REGISTRY_2: D1Database;
    REGISTRY_3: D1Database;
    REGISTRY_6: D1Database;
    /** Counters of the tests, of three and of five a minute. */
    TEST_LIMIT_PER_CLIENT: RateLimit;
    TEST_LIMIT_PER_ADDRESS: RateLimit;
  }
}

/** A file as its text. */
declare module "*?raw" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: that is how such an import is spelt.
  export default text;
}
