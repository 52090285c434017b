declare namespace Cloudflare {
  interface Env {
    /** The registry's migrations, given by vitest.config.ts. */
    MIGRATIONS: import("cloudflare:test").D1Migration[];
    /** Counters of the tests, of three and of five a minute. */
    TEST_LIMIT_PER_CLIENT: RateLimit;
    TEST_LIMIT_PER_ADDRESS: RateLimit;
  }
}
