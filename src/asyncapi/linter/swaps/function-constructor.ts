import { interpretFunction } from "../interpreter/interpret-function.ts";

/** Stands in for `Function`, which workerd does not let anybody call once a Worker has started. */
function InterpretedFunction(...code: string[]): unknown {
  return interpretFunction(code.slice(0, -1), code.at(-1) ?? "");
}

// Whatever is a function is one of these too. (The word `Function` itself would already mean this one here.)
InterpretedFunction.prototype = Object.getPrototypeOf(InterpretedFunction);

export { InterpretedFunction };
