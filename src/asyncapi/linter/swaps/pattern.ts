import { createRulesetFunction } from "@stoplight/spectral-core";
import { optionSchemas } from "@stoplight/spectral-functions/dist/optionSchemas";
import pattern from "@stoplight/spectral-functions/dist/pattern";
import { PAIRS_PER_STEP } from "../../limits.ts";
import { spendSteps } from "../../lint-steps.ts";

type Options = Parameters<typeof pattern>[1];

/** Stands in for the rule function `pattern`: those of the rules may look at the rest of a text from each of its characters. */
export default createRulesetFunction<string, Options>(
  { input: { type: "string" }, options: optionSchemas.pattern ?? null },
  function countedPattern(text, options, context) {
    spendSteps(text.length ** 2 / PAIRS_PER_STEP);
    return pattern(text, options, context);
  },
);
