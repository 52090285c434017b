import type { RegistryWidgetsType, WidgetProps } from "@rjsf/utils";
import fieldStyles from "../../../parts/field.module.css";
import { CheckField } from "../../../parts/field.tsx";
import { describedBy } from "./payload-templates.tsx";

const wiringOf = ({ id, rawErrors, disabled, readonly }: WidgetProps) => ({
  id,
  "aria-describedby": describedBy(id),
  "aria-invalid": rawErrors && rawErrors.length > 0 ? true : undefined,
  disabled: disabled || readonly,
});

const LONG_CHARS = 200; // what may be longer than this is no word

/** Any text. Times too: an event says them exactly, with their zone, as no picker does. */
function Text(props: WidgetProps) {
  const { value, onChange, schema, options, placeholder } = props;
  const control = {
    ...wiringOf(props),
    className: fieldStyles.control,
    value: value ?? "",
    placeholder: placeholder || exampleOf(schema),
    onChange: ({ target }: { target: { value: string } }) =>
      onChange(target.value === "" ? options.emptyValue : target.value),
  };
  return (schema.maxLength ?? 0) > LONG_CHARS ? <textarea {...control} rows={3} /> : <input {...control} />;
}

const exampleOf = ({ examples, format }: WidgetProps["schema"]): string | undefined => {
  if (Array.isArray(examples) && typeof examples[0] === "string") return examples[0];
  return format === "date-time" ? "2026-01-31T08:30:00Z" : undefined;
};

function Figure(props: WidgetProps) {
  const { value, onChange, options } = props;
  return (
    <input
      {...wiringOf(props)}
      className={fieldStyles.control}
      type="number"
      step="any"
      value={value ?? ""}
      onChange={({ target }) => onChange(target.value === "" ? options.emptyValue : Number(target.value))}
    />
  );
}

const Input = (props: WidgetProps) =>
  props.schema.type === "number" || props.schema.type === "integer" ? <Figure {...props} /> : <Text {...props} />;

function Select(props: WidgetProps) {
  const { id, value, onChange, options, multiple, label, required } = props;
  const choices = options.enumOptions ?? [];
  if (multiple) return <Several {...props} />;
  const chosen = choices.findIndex((choice) => choice.value === value);
  const isOfSchemas = id.endsWith("_select");
  return (
    <select
      {...wiringOf(props)}
      className={fieldStyles.control}
      aria-label={isOfSchemas ? `Form of ${label || "the event"}` : undefined}
      value={chosen < 0 ? "" : chosen}
      onChange={({ target }) =>
        onChange(target.value === "" ? options.emptyValue : choices[Number(target.value)]?.value)
      }
    >
      {(!required || chosen < 0) && !isOfSchemas && <option value="">{required ? "Choose…" : "Leave it out"}</option>}
      {choices.map((choice, n) => (
        <option key={choice.label} value={n}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}

/** Each of a few, as often as one may have it: once. */
function Several({ value, options, onChange }: WidgetProps) {
  const chosen: unknown[] = Array.isArray(value) ? value : [];
  return (options.enumOptions ?? []).map((choice) => (
    <CheckField
      key={choice.label}
      label={choice.label}
      checked={chosen.includes(choice.value)}
      onChange={({ target }) =>
        onChange(target.checked ? [...chosen, choice.value] : chosen.filter((one) => one !== choice.value))
      }
    />
  ));
}

const Check = (props: WidgetProps) => (
  <CheckField
    {...wiringOf(props)}
    label={props.label}
    hint={props.schema.description}
    checked={props.value === true}
    onChange={({ target }) => props.onChange(target.checked)}
  />
);

/** The controls that the form is made of: the console's own, whatever a schema's format is. */
export const PAYLOAD_WIDGETS: RegistryWidgetsType = {
  TextWidget: Input,
  PasswordWidget: Input,
  EmailWidget: Input,
  URLWidget: Input,
  DateWidget: Input,
  DateTimeWidget: Input,
  TimeWidget: Input,
  ColorWidget: Input,
  FileWidget: Input,
  UpDownWidget: Input,
  RangeWidget: Input,
  TextareaWidget: Input,
  SelectWidget: Select,
  RadioWidget: Select,
  CheckboxesWidget: Several,
  CheckboxWidget: Check,
};
