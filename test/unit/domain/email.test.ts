import { expect, it } from "vitest";
import { foldEmail } from "../../../src/domain/email.ts";

it.each([
  ["Ann.Smith+relay@Example.COM", "ann.smith+relay@example.com"],
  ["", ""],
  // The Kelvin sign, whose lower case is a k, and a capital I with a dot, whose lower case begins with an i.
  ["\u212Aate@example.com", "\u212Aate@example.com"],
  ["\u0130nes@example.com", "\u0130nes@example.com"],
  ["Jörg@example.com", "Jörg@example.com"],
  ["Ann@example.com ", "Ann@example.com "],
])("%j is compared as %j", (email, folded) => {
  expect(foldEmail(email)).toBe(folded);
});
