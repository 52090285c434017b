import type { StoredEvent } from "../../domain/event.ts";
import { compileFilter, type Filter, type FilterInput } from "../../domain/filter.ts";
import { admits, type FilterGuard, guardOf } from "../../domain/filter-guard.ts";
import { parseJsonBytes } from "../../domain/json-text.ts";
import type { LogSubscription } from "../../domain/subscription.ts";
import { utf8Bytes } from "../../kernel/encoding.ts";
import { FILTER_COMPILE_STEPS, FILTER_EVENT_STEPS_MAX, FILTER_READ_STEPS } from "../../kernel/limits.ts";
import type { EventRow } from "../store/event-rows.ts";
import { FilterCache } from "./filter-cache.ts";

/** What checking filters may still cost in one transaction, over all events; at or below zero it is used up. */
export type FilterBudget = { filterSteps: number };

/** `unknown`: nobody has looked, because the budget was used up before. */
export type Answer = "yes" | "no" | "unknown";

/** What went wrong with a subscription's filter: so many checks cost more than one may, or it cannot be compiled. */
export type FilterNote = { subscription: string; exhausted: number; isBroken: boolean };

type FilteredFields = Pick<StoredEvent, "channel" | "partitionKey" | "dataOwnerId" | "body">;

/** An event as filters see it: read and parsed when the first of them asks, once for all of them. */
export class FilteredEvent {
  readonly #bytes: number;
  readonly #read: () => FilteredFields | null;
  #input: FilterInput | null | undefined;

  constructor({ bytes }: Pick<EventRow, "bytes">, read: () => FilteredFields | null) {
    this.#bytes = bytes;
    this.#read = read;
  }

  /** What it costs that the next filter may look at it. */
  get stepsToRead(): number {
    return this.#input === undefined ? FILTER_READ_STEPS + (this.#bytes >> 1) : 0;
  }

  /** null: there is nothing that a filter could look at. */
  input(budget: FilterBudget): FilterInput | null {
    if (this.#input !== undefined) return this.#input;
    budget.filterSteps -= this.stepsToRead;
    const event = this.#read();
    this.#input = event && toInput(event);
    return this.#input;
  }
}

/**
 * Checks events against the filters of a log's subscriptions. A check has a bound of its own: the budget says whether it
 * is made now, not what it finds.
 */
export class Filters {
  readonly #compiled = new FilterCache();
  readonly #guards = new WeakMap<LogSubscription, FilterGuard | "none">();
  readonly #notes = new Map<string, FilterNote>();

  /** Whether an event passes a subscription's filter. One that costs too much to check does not: nothing leaves unchecked. */
  passes({ id, filter: text }: LogSubscription, event: FilteredEvent, budget: FilterBudget): Answer {
    if (text === null) return "yes";
    if (budget.filterSteps <= 0) return "unknown";
    const filter = this.#compile(id, text, budget);
    const input = filter && event.input(budget);
    if (!filter || !input) return "no";
    const check = { steps: FILTER_EVENT_STEPS_MAX };
    const outcome = filter.matches(input, check);
    budget.filterSteps -= FILTER_EVENT_STEPS_MAX - check.steps;
    this.#compiled.keep(text, filter);
    if (outcome === "exhausted") this.#noteOf(id).exhausted++;
    return outcome === "valid" ? "yes" : "no";
  }

  /**
   * Whether it is seen at once that an event does not pass a subscription's filter. Costs next to nothing: it is asked for each
   * subscription of a topic that has thousands of them, each with another value in its filter.
   */
  rulesOut(config: LogSubscription, event: FilteredEvent, budget: FilterBudget): boolean {
    const guard = this.#guardOf(config, budget);
    if (guard === "none" || (event.stepsToRead > 0 && budget.filterSteps <= 0)) return false;
    const input = event.input(budget);
    return input !== null && !admits(guard, input);
  }

  /** What went wrong since this was last asked, for the operator. */
  takeNotes(): FilterNote[] {
    const notes = [...this.#notes.values()];
    this.#notes.clear();
    return notes;
  }

  #compile(id: string, text: string, budget: FilterBudget): Filter | null {
    const known = this.#compiled.get(text);
    if (known !== undefined) return known;
    budget.filterSteps -= FILTER_COMPILE_STEPS;
    const schema = parseJsonBytes(utf8Bytes(text));
    const compiled = schema.ok ? compileFilter(schema.value) : schema;
    // It was compiled before it was taken: another version of this code must have taken it.
    if (!compiled.ok) this.#noteOf(id).isBroken = true;
    const filter = compiled.ok ? compiled.value : null;
    this.#compiled.keep(text, filter);
    return filter;
  }

  #guardOf(config: LogSubscription, budget: FilterBudget): FilterGuard | "none" {
    const known = this.#guards.get(config);
    if (known !== undefined || config.filter === null || budget.filterSteps <= 0) return known ?? "none";
    budget.filterSteps -= config.filter.length;
    const schema = parseJsonBytes(utf8Bytes(config.filter));
    const guard = (schema.ok && guardOf(schema.value)) || "none";
    this.#guards.set(config, guard);
    return guard;
  }

  #noteOf(subscription: string): FilterNote {
    const note = this.#notes.get(subscription) ?? { subscription, exhausted: 0, isBroken: false };
    this.#notes.set(subscription, note);
    return note;
  }
}

function toInput({ channel, partitionKey, dataOwnerId, body }: FilteredFields): FilterInput | null {
  const data = parseJsonBytes(body);
  return data.ok ? { channel, key: partitionKey, owner: dataOwnerId, data: data.value } : null;
}
