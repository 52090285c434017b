import { CatchBoundary } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { LazyTextEditor } from "../../../editor/lazy-text-editor.tsx";
import { Choices } from "../../../parts/field.tsx";
import { loadPart, PartMissing } from "../../../parts/load-part.ts";
import { Loading, Note, ProblemNote } from "../../../parts/note.tsx";
import { canBeForm } from "./event-start.ts";
import styles from "./test-event.module.css";

const PayloadForm = lazy(async () => {
  const { PayloadForm } = await loadPart(() => import("./payload-form.tsx"));
  return { default: PayloadForm };
});

/** An event as it is being written: its value in a form, or its text. */
export type Draft = { as: "form"; data: unknown } | { as: "json"; text: string };

type Props = {
  schema: unknown;
  draft: Draft;
  errors: { pointer: string; message: string }[];
  /** Why the text is no JSON. */
  fault: string | null;
  onChange(draft: Draft): void;
  onSwitch(as: Draft["as"]): void;
};

export function EventData({ schema, draft, errors, fault, onChange, onSwitch }: Props) {
  return (
    <>
      {canBeForm(schema) && (
        <Choices
          label="Payload"
          value={draft.as}
          choices={[
            { value: "form", label: "Form", hint: "Fields made of the message's schema" },
            { value: "json", label: "JSON", hint: "The event as it is sent" },
          ]}
          onChange={onSwitch}
        />
      )}
      {fault && <Note tone="bad">This is no JSON: {fault}</Note>}
      {draft.as === "form" ? (
        <CatchBoundary getResetKey={() => "form"} errorComponent={NoForm}>
          <Suspense fallback={<Loading what="the form" />}>
            <PayloadForm
              {...{ schema, errors }}
              data={draft.data}
              onChange={(data) => onChange({ as: "form", data })}
            />
          </Suspense>
        </CatchBoundary>
      ) : (
        <div className={styles.sheet}>
          <LazyTextEditor
            label="Payload as JSON"
            text={draft.text}
            onChange={(text) => onChange({ as: "json", text })}
          />
        </div>
      )}
    </>
  );
}

const NoForm = ({ error }: { error: unknown }) =>
  error instanceof PartMissing ? (
    <ProblemNote error={error} onRetry={() => location.reload()} />
  ) : (
    <Note tone="warn">No form can be made of this schema. Write the event as JSON.</Note>
  );
