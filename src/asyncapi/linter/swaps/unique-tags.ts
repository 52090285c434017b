import { uniquenessTags } from "@asyncapi/parser/esm/ruleset/functions/uniquenessTags";
import { createRulesetFunction } from "@stoplight/spectral-core";
import { PAIRS_PER_STEP } from "../../limits.ts";
import { spendSteps } from "../../lint-steps.ts";

/** Stands in for the rule function of the parser that compares the name of each tag with all others. */
const countedUniqueness: typeof uniquenessTags = createRulesetFunction(
  { input: { type: "array" }, options: null },
  function countedUniqueness(tags, options, context) {
    spendSteps(tags.length ** 2 / PAIRS_PER_STEP);
    return uniquenessTags(tags, options, context);
  },
);

export { countedUniqueness as uniquenessTags };
