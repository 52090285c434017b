import { useState } from "react";
import { Dialog } from "./dialog.tsx";
import { DialogForm } from "./dialog-form.tsx";
import { SelectField } from "./field.tsx";

const OVERLAPS = [
  { value: "3600", label: "One hour" },
  { value: "86400", label: "One day" },
  { value: "604800", label: "One week" },
  { value: "0", label: "Not at all: it has leaked" },
];

type Props = {
  title: string;
  lead: string;
  /** What the old secret does meanwhile. */
  label: string;
  error: unknown;
  isBusy: boolean;
  onRotate(overlapSeconds: number): void;
  onClose(): void;
};

/** Asks for how long an old secret goes on beside the new one. */
export function RotateDialog({ title, lead, label, error, isBusy, onRotate, onClose }: Props) {
  const [overlapSeconds, setOverlapSeconds] = useState("86400");
  return (
    <Dialog title={title} lead={lead} isOpen onClose={onClose}>
      <DialogForm
        verb="Make a new secret"
        error={error}
        isBusy={isBusy}
        onCancel={onClose}
        onSubmit={() => onRotate(Number(overlapSeconds))}
      >
        <SelectField
          label={label}
          value={overlapSeconds}
          options={OVERLAPS}
          onChange={({ target }) => setOverlapSeconds(target.value)}
        />
      </DialogForm>
    </Dialog>
  );
}
