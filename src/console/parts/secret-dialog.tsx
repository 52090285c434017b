import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { FormEnds } from "./field.tsx";
import { ShownOnce } from "./shown-once.tsx";

type Props = {
  title: string;
  lead?: ReactNode;
  values: { label: string; value: string }[];
  /** What else can be done with it. */
  beside?: ReactNode;
  onKept(): void;
};

/** What has been made, with its secret. As nobody will see that again, no key and no press beside it closes the dialog. */
export const SecretDialog = ({ title, lead, values, beside, onKept }: Props) => (
  <Dialog title={title} lead={lead} isOpen onClose={() => undefined}>
    <ShownOnce values={values} />
    <FormEnds>
      {beside}
      <Button tone="primary" onClick={onKept}>
        {values.length === 1 ? "I have kept it" : "I have kept them"}
      </Button>
    </FormEnds>
  </Dialog>
);
