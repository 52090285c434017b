import { expect, it } from "vitest";
import { documentFileName } from "../../../src/console/parts/document-file-name.ts";

it.each([
  ["Repair Orders", "repair-orders.asyncapi.yaml"],
  [" (Grüße)/../2! ", "grüße-2.asyncapi.yaml"],
  ["🚗", "api.asyncapi.yaml"],
])("the document of %j is a file of its name", (title, name) => {
  expect(documentFileName(title, "yaml")).toBe(name);
});
