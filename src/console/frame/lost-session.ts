import { MutationCache, QueryCache } from "@tanstack/react-query";
import { ApiProblem } from "../api/problem.ts";

/** Refusals that mean: this browser is not, or not any more, signed in as whom the page asks. */
const LOST = ["session-expired", "token-missing", "not-signed-in"];

/** Caches that call `onLost` when the session has ended behind a page, whichever of its calls comes to know it. */
export function watchSession(onLost: () => void): { queryCache: QueryCache; mutationCache: MutationCache } {
  const onError = (error: unknown): void => {
    if (error instanceof ApiProblem && LOST.includes(error.slug)) onLost();
  };
  return { queryCache: new QueryCache({ onError }), mutationCache: new MutationCache({ onError }) };
}
