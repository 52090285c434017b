/** A customary event with lines: an order of twenty items, and the document parts that its publisher declares for it. */

const Money = {
  type: "object",
  required: ["amount", "currency"],
  properties: { amount: { type: "number", minimum: 0, multipleOf: 0.01 }, currency: { enum: ["USD", "EUR", "CAD"] } },
  additionalProperties: false,
};

const Item = {
  type: "object",
  required: ["sku", "quantity", "price"],
  properties: {
    sku: { type: "string", pattern: "^[A-Z]{3}-\\d{4,8}$" },
    name: { type: "string", maxLength: 200 },
    quantity: { type: "integer", minimum: 1, maximum: 1000 },
    price: { $ref: "#/components/schemas/Money" },
    tags: { type: "array", items: { type: "string" }, uniqueItems: true },
  },
};

const Order = {
  type: "object",
  required: ["id", "placedAt", "customer", "items"],
  properties: {
    id: { type: "string", format: "uuid" },
    placedAt: { type: "string", format: "date-time" },
    customer: {
      type: "object",
      required: ["email"],
      properties: { email: { type: "string", format: "email" }, name: { type: "string", minLength: 1 } },
    },
    items: { type: "array", minItems: 1, maxItems: 100, items: { $ref: "#/components/schemas/Item" } },
    total: { $ref: "#/components/schemas/Money" },
  },
};

export const COMPONENTS = { schemas: { Order, Item, Money } };
export const ORDER_SCHEMA = { $ref: "#/components/schemas/Order" };

export const ORDER = {
  id: "019f1c5e-7a30-7b1e-8c55-3f1f7a0f4b10",
  placedAt: "2026-11-21T12:34:56Z",
  customer: { email: "ada@example.com", name: "Ada" },
  items: Array.from({ length: 20 }, (_, n) => ({
    sku: `ABC-${1000 + n}`,
    name: `A part with the number ${n}`,
    quantity: n + 1,
    price: { amount: 12.34 + n, currency: "EUR" },
    tags: ["part", `shelf-${n}`],
  })),
  total: { amount: 1234.5, currency: "EUR" },
};
