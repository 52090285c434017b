import { useState } from "react";
import { Button } from "../../parts/button.tsx";
import { CheckField, FormEnds } from "../../parts/field.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";

type Props = {
  credentials: { clientId: string; clientSecret: string };
  /** What follows, on the button. */
  next: string;
  onKept(): void;
};

/** Credentials that nobody will see again: the way on opens once they are kept. */
export function SecretOnce({ credentials: { clientId, clientSecret }, next, onKept }: Props) {
  const [isKept, setKept] = useState(false);
  return (
    <>
      <ShownOnce
        values={[
          { label: "Client id", value: clientId },
          { label: "Client secret", value: clientSecret },
        ]}
      />
      <CheckField label="I have kept them" checked={isKept} onChange={({ target }) => setKept(target.checked)} />
      <FormEnds>
        <Button tone="primary" disabled={!isKept} onClick={onKept}>
          {next}
        </Button>
      </FormEnds>
    </>
  );
}
