import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Form, FormEnds } from "./field.tsx";
import { ProblemNote } from "./note.tsx";

type Props = {
  /** The verb on the button that sends it. */
  verb: string;
  /** Why it was refused; null: it was not. */
  error: unknown;
  isBusy: boolean;
  /** False while something is missing. */
  isReady?: boolean;
  onCancel(): void;
  onSubmit(): void;
  children: ReactNode;
};

/** The form of a dialog: its fields, what was wrong with them, and its two ends. */
export const DialogForm = ({ verb, error, isBusy, isReady = true, onCancel, onSubmit, children }: Props) => (
  <Form onSubmit={onSubmit}>
    {children}
    {error !== null && <ProblemNote error={error} />}
    <FormEnds>
      <Button onClick={onCancel}>Cancel</Button>
      <Button type="submit" tone="primary" isBusy={isBusy} disabled={!isReady}>
        {verb}
      </Button>
    </FormEnds>
  </Form>
);
