import { useState } from "react";
import { DialogForm } from "../../parts/dialog-form.tsx";
import { AreaField, CheckField, TextField } from "../../parts/field.tsx";

type AppFields = { name: string; description: string | null; website: string | null; listed: boolean };
type Props = {
  app?: AppFields;
  verb: string;
  error: unknown;
  isBusy: boolean;
  onCancel(): void;
  onSubmit(fields: AppFields): void;
};

const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());

/** What people read of an app. */
export function AppForm({ app, verb, error, isBusy, onCancel, onSubmit }: Props) {
  const [name, setName] = useState(app?.name ?? "");
  const [description, setDescription] = useState(app?.description ?? "");
  const [website, setWebsite] = useState(app?.website ?? "");
  const [listed, setListed] = useState(app?.listed ?? false);
  return (
    <DialogForm
      {...{ verb, error, isBusy, onCancel }}
      isReady={name.trim() !== ""}
      onSubmit={() =>
        onSubmit({ name: name.trim(), description: orNull(description), website: orNull(website), listed })
      }
    >
      <TextField label="Name" required maxLength={200} value={name} onChange={({ target }) => setName(target.value)} />
      <AreaField
        label="Description"
        isOptional
        hint="What it does with the events."
        rows={3}
        value={description}
        onChange={({ target }) => setDescription(target.value)}
      />
      <TextField
        label="Website"
        isOptional
        type="url"
        placeholder="https://"
        value={website}
        onChange={({ target }) => setWebsite(target.value)}
      />
      <CheckField
        label="Let data owners find this app in the directory"
        hint="They see its name, what you say of it, and which APIs that ask for consent it subscribes to; so they can activate it before you ask."
        checked={listed}
        onChange={({ target }) => setListed(target.checked)}
      />
    </DialogForm>
  );
}
