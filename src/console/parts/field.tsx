import { type ComponentProps, type FormEvent, type ReactNode, useId } from "react";
import styles from "./field.module.css";

type Words = { label: string; hint?: ReactNode; error?: string | undefined; isOptional?: boolean };

/** What a control inside of a field needs to be known by. */
type Wiring = { id: string; "aria-describedby": string | undefined; "aria-invalid": true | undefined };

/** A label, a control, and what is to be known of it or is wrong with it. */
export function Field({
  label,
  hint,
  error,
  isOptional = false,
  children,
}: Words & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label} {isOptional && <span className={styles.optional}>(optional)</span>}
      </label>
      {children({ id, "aria-describedby": described, "aria-invalid": error ? true : undefined })}
      {hint && (
        <span className={styles.hint} id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {error && (
        <span className={styles.error} id={`${id}-error`}>
          {error}
        </span>
      )}
    </div>
  );
}

const controlClass = (isMono: boolean): string => (isMono ? `${styles.control} ${styles.mono}` : `${styles.control}`);

type TextProps = Words & { isMono?: boolean } & ComponentProps<"input">;

export function TextField({ label, hint, error, isOptional, isMono = false, ...input }: TextProps) {
  return (
    <Field {...{ label, hint, error, ...(isOptional && { isOptional }) }}>
      {(wiring) => <input {...input} {...wiring} className={controlClass(isMono)} />}
    </Field>
  );
}

type AreaProps = Words & { isMono?: boolean } & ComponentProps<"textarea">;

export function AreaField({ label, hint, error, isOptional, isMono = false, ...area }: AreaProps) {
  return (
    <Field {...{ label, hint, error, ...(isOptional && { isOptional }) }}>
      {(wiring) => <textarea {...area} {...wiring} className={controlClass(isMono)} />}
    </Field>
  );
}

type SelectProps = Words & ComponentProps<"select"> & { options: { value: string; label: string }[] };

/** The browser's own list: it is the best one on a phone, and everybody knows its keys. */
export function SelectField({ label, hint, error, isOptional, options, ...select }: SelectProps) {
  return (
    <Field {...{ label, hint, error, ...(isOptional && { isOptional }) }}>
      {(wiring) => (
        <select {...select} {...wiring} className={styles.control}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

type Choice<T extends string> = { value: T; label: string; hint?: string };
type ChoicesProps<T extends string> = { label: string; value: T; choices: Choice<T>[]; onChange(value: T): void };

/** One of a few, each with its consequence. */
export function Choices<T extends string>({ label, value, choices, onChange }: ChoicesProps<T>) {
  const name = useId();
  return (
    <fieldset className={styles.choices}>
      <legend>{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className={styles.choice}>
          <input type="radio" name={name} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          <span>
            <strong>{choice.label}</strong>
            {choice.hint && <small>{choice.hint}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

export function CheckField({ label, hint, ...input }: { label: string; hint?: ReactNode } & ComponentProps<"input">) {
  return (
    <label className={styles.check}>
      <input {...input} type="checkbox" />
      <span>
        {label} {hint && <span className={styles.hint}>{hint}</span>}
      </span>
    </label>
  );
}

/** Several of some, as each is ticked or not. */
export const CheckGroup = ({ legend, children }: { legend: string; children: ReactNode }) => (
  <fieldset className={styles.checks}>
    <legend>{legend}</legend>
    {children}
  </fieldset>
);

/** A form that is sent by the page, never by the browser. */
export function Form({
  onSubmit,
  children,
  ...rest
}: {
  onSubmit(): void;
  children: ReactNode;
  "aria-label"?: string;
}) {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // In React, a form in a dialog is within the form that opened the dialog.
    event.stopPropagation();
    onSubmit();
  };
  return (
    <form {...rest} className={styles.form} onSubmit={submit} noValidate>
      {children}
    </form>
  );
}

export const FieldRow = ({ children }: { children: ReactNode }) => <div className={styles.row}>{children}</div>;

/** The buttons that a form or a dialog ends with. */
export const FormEnds = ({ children }: { children: ReactNode }) => <div className={styles.ends}>{children}</div>;
