import { describe, expect, it } from "vitest";
import { ApiProblem } from "../../../src/console/api/problem.ts";
import { canBeForm, readJson, startingData } from "../../../src/console/pages/apis/test-event/event-start.ts";
import { publishPath } from "../../../src/console/pages/apis/test-event/publish-path.ts";
import { faultsOf } from "../../../src/console/pages/apis/test-event/refused-fields.ts";
import { errorsAtFields, SchemaValidator } from "../../../src/console/pages/apis/test-event/schema-validator.ts";

const ORDER = {
  type: "object",
  required: ["number"],
  properties: { number: { type: "string", pattern: "^RO-[0-9]+$" }, total: { type: "number", minimum: 0 } },
};

const message = (schema: unknown, examples: unknown[] = []) => ({
  ...{ name: "Order", contentType: null, schema, examples },
});

describe("a test event", () => {
  it("begins as the first example that its schema takes", () => {
    expect(startingData(message(ORDER, [{ number: "nonsense" }, { number: "RO-1" }]))).toEqual({ number: "RO-1" });
  });

  it("is made of the schema where no example is one", () => {
    const made = startingData(message(ORDER, [{ number: 7 }])) as { number: string };
    expect(made.number).toMatch(/^RO-[0-9]+$/);
  });

  it("begins as an example, whatever it is, where the document has no JSON Schema", () => {
    expect(startingData(message(null, ["text"]))).toBe("text");
    expect(startingData(message(null))).toEqual({});
    expect(startingData(undefined)).toEqual({});
  });

  it.each([
    [ORDER, true],
    [{ oneOf: [ORDER, { type: "null" }] }, true],
    [{ $ref: "#/definitions/a", definitions: { a: ORDER } }, true],
    [{ type: "string" }, false],
    [{}, false],
    [true, false],
    [null, false],
    [{ $ref: "https://elsewhere.example/schema.json" }, false],
  ])("has a form where its schema describes one: %j", (schema, can) => {
    expect(canBeForm(schema)).toBe(can);
  });

  it("has no form whose patterns the browser would run on the names of members", () => {
    const named = { type: "object", patternProperties: { "^(a+)+$": { type: "string" } } };
    expect(canBeForm({ ...ORDER, ...named })).toBe(false);
    expect(canBeForm({ ...ORDER, properties: { inner: { oneOf: [named] } } })).toBe(false);
  });

  it("says what is wrong with a text that is no JSON", () => {
    expect(readJson("{")).toMatchObject({ ok: false, fault: expect.stringMatching(/JSON/) });
    expect(readJson("[1]")).toEqual({ ok: true, value: [1] });
  });

  it("goes to its channel, whatever a parameter's value is", () => {
    expect(publishPath("repairs/store 1/a?b#c")).toBe("/v2/events/repairs/store%201/a%3Fb%23c");
  });
});

describe("what the relay refuses", () => {
  const refusal = (type: string) =>
    new ApiProblem(422, {
      type: `https://relay.example/problems/${type}`,
      errors: [{ path: "/items/0/price", message: "must be at least 0" }],
    });

  it("stands at the fields that it is about", () => {
    expect(faultsOf(refusal("message-invalid"))).toEqual([
      { pointer: "/items/0/price", message: "must be at least 0" },
    ]);
  });

  it("is about no field where something else is wrong", () => {
    expect(faultsOf(refusal("header-invalid"))).toEqual([]);
    expect(faultsOf(new Error("broken"))).toEqual([]);
  });

  it("becomes the form's own tree, whatever the members are called", () => {
    const tree = errorsAtFields([
      { pointer: "/items/0/price", message: "is too low" },
      { pointer: "/items/0/price", message: "is no number" },
      { pointer: "/a~1b", message: "is missing" },
      { pointer: "", message: "is too large" },
      { pointer: "/__proto__/polluted", message: "is hostile" },
    ]);
    expect(tree).toMatchObject({
      __errors: ["is too large"],
      items: { 0: { price: { __errors: ["is too low", "is no number"] } } },
      "a/b": { __errors: ["is missing"] },
    });
    expect(Object.hasOwn(tree, "__proto__")).toBe(true);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("the form's check", () => {
  const validator = new SchemaValidator();

  it("finds what the relay would find", () => {
    const { errors, errorSchema } = validator.validateFormData({ number: "7", total: -1 }, ORDER as never);
    expect(errors.map(({ property }) => property)).toEqual([".number", ".total"]);
    expect(Object.keys(errorSchema)).toEqual(["number", "total"]);
    expect(validator.validateFormData({ number: "RO-7" }, ORDER as never).errors).toEqual([]);
  });

  it("knows the whole schema's definitions when it chooses among parts of it", () => {
    const root = { oneOf: [{ $ref: "#/definitions/order" }, { type: "string" }], definitions: { order: ORDER } };
    const [order, text] = root.oneOf;
    expect(validator.isValid(order as never, { number: "RO-1" }, root as never)).toBe(true);
    expect(validator.isValid(order as never, { number: "1" }, root as never)).toBe(false);
    expect(validator.isValid(text as never, { number: "RO-1" }, root as never)).toBe(false);
  });

  it("rules nothing out that it cannot check", () => {
    const unknown = { $ref: "#/definitions/missing" };
    expect(validator.isValid(unknown as never, {}, {} as never)).toBe(true);
    expect(validator.validateFormData({}, unknown as never).errors).toEqual([]);
  });
});
