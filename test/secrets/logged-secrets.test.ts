import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { capturedLog } from "../support/log-capture.ts";

/** Secrets by their looks, and those that all tests share by their values. Written apart from what takes them out of log lines. */
const SECRETS: [name: string, pattern: RegExp][] = [
  ["a token of an organization", /rk_[A-Za-z0-9_-]{43}/],
  ["the id of a session", /rs_[A-Za-z0-9_-]{43}/],
  ["a token of a portal link", /rp_[A-Za-z0-9_-]{43}/],
  ["a secret of a publisher", /ps_[A-Za-z0-9_-]{43}/],
  ["a secret of an app", /as_[A-Za-z0-9_-]{43}/],
  ["a signing secret", /whsec_[A-Za-z0-9+/]{40}/],
  ["a JWT", /eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}/],
  ["a private key", /"d":"[A-Za-z0-9_-]{40,}"|PRIVATE KEY/],
  ["the operator's token", /(?:test|dev)-operator-token/],
  ["a master key", /test-master-key|local-master-key-for-development-only/],
];

const file = capturedLog();
const logged = file !== null && existsSync(file) ? readFileSync(file, "utf8") : null;

it.skipIf(logged === null)("no secret stands in anything that was logged while the tests ran", () => {
  const found = SECRETS.flatMap(([name, pattern]) => {
    const hit = pattern.exec(logged ?? "");
    return hit ? [`${name}: …${logged?.slice(Math.max(0, hit.index - 200), hit.index)}`] : [];
  });
  expect(found).toEqual([]);
});
