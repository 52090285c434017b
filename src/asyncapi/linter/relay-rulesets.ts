import type { RulesetDefinition } from "@stoplight/spectral-core";
import type { Severity } from "../diagnostic.ts";
import type { Finding } from "../reader/findings.ts";
import { checkFortellisRules, type FortellisSettings } from "../reader/fortellis.ts";
import { isRecord } from "../reader/json-values.ts";
import { readApi } from "../reader/read-api.ts";
import { FORTELLIS_RULES, RELAY_RULES, type Rule } from "../rules.ts";

type Check = (document: object) => Finding[];

const SPECTRAL_SEVERITIES = { error: "error", warning: "warn", info: "info", hint: "hint" } as const satisfies Record<
  Severity,
  string
>;

/** The relay's rules, to be run in one pass with AsyncAPI's own. */
export const relayRuleset = makeRuleset(RELAY_RULES, (document) => readApi(document).findings);

export const fortellisRuleset = (settings: FortellisSettings): RulesetDefinition =>
  makeRuleset(FORTELLIS_RULES, (document) => checkFortellisRules(document, settings));

/** Each rule reports what one reading of the document has found for its code. */
function makeRuleset(rules: Record<string, Rule>, check: Check): RulesetDefinition {
  return {
    rules: Object.fromEntries(
      Object.entries(rules).map(([code, { severity, says }]) => [
        code,
        {
          description: says,
          message: "{{error}}",
          severity: SPECTRAL_SEVERITIES[severity],
          given: "$",
          // The relay follows references itself, so that a finding stands where its reason does.
          resolved: false,
          // biome-ignore lint/suspicious/noThenProperty: Spectral's word
          then: {
            function: (document: unknown) => (isRecord(document) ? check(document) : []).filter((f) => f.code === code),
          },
        },
      ]),
    ),
  };
}
