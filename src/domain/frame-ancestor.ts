import { z } from "zod";

const ORIGIN_CHARS_MAX = 300; // a host has 253, and a scheme and a port stand around it
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const PORT = "(?::[1-9]\\d{0,4})?";
/** A host with a dot at least, or all that is below one: `https://*.example.com`, but not `https://*.com`. */
const HTTPS = new RegExp(`^https://(?:\\*\\.(?=[^.]+\\.))?(?:${LABEL}\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?${PORT}$`);
const LOOPBACK = new RegExp(`^https?://(?:localhost|127\\.0\\.0\\.1)${PORT}$`);

/** Pages on the developer's own machine. */
export const isLoopbackOrigin = (origin: string): boolean => LOOPBACK.test(origin);

/**
 * An origin whose pages may embed a portal. It stands in a `Content-Security-Policy` as it is (CSP3 §2.3.1, host-source), and so
 * is nothing but that: a character that means something there would be a hole in the policy.
 */
export const FrameAncestor = z
  .string()
  .max(ORIGIN_CHARS_MAX)
  .refine(
    (text) => HTTPS.test(text) || LOOPBACK.test(text),
    "must be an origin in lower case, such as https://app.example.com or https://*.example.com",
  );
