// The package's own door also leads to its tests, and to packages that are only theirs.
import Form from "@rjsf/core/lib/components/Form.js";
import type { RJSFSchema, UiSchema } from "@rjsf/utils";
import { useMemo } from "react";
import { PAYLOAD_TEMPLATES } from "./payload-templates.tsx";
import { PAYLOAD_WIDGETS } from "./payload-widgets.tsx";
import { errorsAtFields, SchemaValidator } from "./schema-validator.ts";

type Props = {
  schema: unknown;
  data: unknown;
  /** What is wrong with the event, by JSON Pointers. */
  errors: { pointer: string; message: string }[];
  onChange(data: unknown): void;
};

const LOOK: UiSchema = {
  "ui:submitButtonOptions": { norender: true },
  // What may be left out is left out until somebody adds it.
  "ui:globalOptions": { enableOptionalDataFieldForType: ["object", "array"] },
};

/** The fields of an event, made of its message's schema. */
export function PayloadForm({ schema, data, errors, onChange }: Props) {
  const validator = useMemo(() => new SchemaValidator(), []);
  const extraErrors = useMemo(() => errorsAtFields(errors), [errors]);
  return (
    <Form
      // The page around it is the form that is sent.
      tagName="div"
      schema={schema as RJSFSchema}
      uiSchema={LOOK}
      formData={data}
      onChange={({ formData }) => onChange(formData)}
      validator={validator}
      templates={PAYLOAD_TEMPLATES}
      widgets={PAYLOAD_WIDGETS}
      extraErrors={extraErrors}
      showErrorList={false}
      idPrefix="event"
      noValidate
      noHtml5Validate
    />
  );
}
