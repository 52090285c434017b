import { isRecord, type JsonRecord } from "../reader/json-values.ts";
import { COMPARE_STEPS_MAX } from "./limits.ts";

/** A schema whose reference is followed and whose `allOf` is merged; false: no value is valid. */
export type Schema = JsonRecord | false;

/** What a comparison may still do. One for all schemas of a document. */
export class CompareBudget {
  #steps: number;

  constructor(steps = COMPARE_STEPS_MAX) {
    this.#steps = steps;
  }

  get exhausted(): boolean {
    return this.#steps < 0;
  }

  /** A step, and of each schema one for each keyword and each of the keyword's own members. */
  spend(...schemas: (Schema | undefined)[]): void {
    this.#steps -= 1;
    for (const value of schemas.flatMap((schema) => (schema ? Object.values(schema) : []))) {
      this.#steps -= 1 + (Array.isArray(value) ? value.length : isRecord(value) ? Object.keys(value).length : 0);
    }
  }
}
