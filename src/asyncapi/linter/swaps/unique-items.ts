import type { CodeKeywordDefinition, KeywordCxt } from "ajv";
import { _, str } from "ajv/dist/compile/codegen";
import { useFunc } from "ajv/dist/compile/util";
import { getSchemaTypes } from "ajv/dist/compile/validate/dataType";
import original from "ajv/dist/vocabularies/validation/uniqueItems";
import { spendSteps } from "../../lint-steps.ts";
import equal, { isOdd, writeOut } from "./deep-equal.ts";

/**
 * Stands in for Ajv's keyword `uniqueItems`, whose code compares each item with all before it unless all are known to be scalars.
 * This one looks each up, and finds the same two.
 */
const uniqueItems: CodeKeywordDefinition = {
  ...original,
  error: {
    message: ({ params: { i, j } }) => str`must NOT have duplicate items (items ## ${j} and ${i} are identical)`,
    params: ({ params: { i, j } }) => _`{i: ${i}, j: ${j}}`,
  },
  code: (context) => (isOfScalars(context) ? original.code(context) : lookUpItems(context)),
};

export default uniqueItems;

function isOfScalars({ parentSchema: { items } }: KeywordCxt): boolean {
  const types = items ? getSchemaTypes(items) : [];
  return types.length > 0 && !types.some((type) => type === "object" || type === "array");
}

function lookUpItems(context: KeywordCxt): void {
  const { gen, data, schema } = context;
  if (!schema) return;
  const pair = gen.const("pair", _`${useFunc(gen, FIND_EQUAL_ITEMS)}(${data})`);
  context.setParams({ i: _`${pair}[0]`, j: _`${pair}[1]` });
  context.fail(_`${pair} !== null`);
}

/** The last item that equals an earlier one, and the nearest such. */
function findEqualItems(items: unknown[]): [number, number] | null {
  spendSteps(items.length);
  if (items.some(isOdd)) return compareItems(items);
  const seen = new Map<string, number>();
  let found: [number, number] | null = null;
  for (const [index, item] of items.entries()) {
    const text = writeOut(item);
    const before = seen.get(text);
    if (before !== undefined) found = [index, before];
    seen.set(text, index);
  }
  return found;
}

function compareItems(items: unknown[]): [number, number] | null {
  for (let i = items.length - 1; i > 0; i--) {
    for (let j = i - 1; j >= 0; j--) if (equal(items[i], items[j])) return [i, j];
  }
  return null;
}

// What Ajv would write into code that is kept.
const FIND_EQUAL_ITEMS = Object.assign(findEqualItems, { code: "findEqualItems" });
