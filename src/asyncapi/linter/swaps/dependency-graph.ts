import { DepGraph } from "dependency-graph";
import { STEPS_PER_DEPENDANT, STEPS_PER_DEPENDENCY } from "../../limits.ts";
import { spendSteps } from "../interpreter/interpret-function.ts";

/** Stands in for the DepGraph by which references are resolved: in a chain of them each asks for all that stand before it. */
class CountedGraph<T> extends DepGraph<T> {
  override dependantsOf(name: string): string[] {
    const found = super.dependantsOf(name);
    spendSteps(found.length * STEPS_PER_DEPENDANT);
    return found;
  }

  override dependenciesOf(name: string): string[] {
    const found = super.dependenciesOf(name);
    spendSteps(found.length * STEPS_PER_DEPENDENCY);
    return found;
  }
}

export { CountedGraph as DepGraph };
