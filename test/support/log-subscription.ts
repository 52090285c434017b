import type { LogSubscription } from "../../src/domain/subscription.ts";

/** A subscription with a webhook, as a log is told of it. */
export function subscriptionOf(fields: Partial<LogSubscription> & { id: string }): LogSubscription {
  return {
    version: 1,
    active: true,
    retry: { initialSeconds: 1, multiplier: 2, maxDelaySeconds: 300, maxAttempts: null },
    target: {
      endpoint: "https://receiver.test/hook",
      format: "standard",
      eventPath: null,
      structured: false,
      signature: null,
      timeoutSeconds: 15,
      maxInFlight: null,
      headers: {},
      sealedSigningSecrets: [],
      appClientId: "app",
    },
    filter: null,
    rateLimit: null,
    seek: null,
    organizationId: null,
    ...fields,
  };
}
