import { SelectField } from "../../../parts/field.tsx";
import type { Credentials } from "../api-types.ts";

type Props = { credentials: Credentials[]; chosen: string; onChoose(clientId: string): void };

/** As which publisher; where there is one only, nothing is asked. */
export function ChooseCredentials({ credentials, chosen, onChoose }: Props) {
  if (credentials.length < 2) return null;
  return (
    <SelectField
      label="Credentials"
      hint="A token of theirs is made for this event alone."
      value={chosen}
      options={credentials.map(({ clientId, name }) => ({
        value: clientId,
        label: `${name} (${clientId.slice(0, 8)})`,
      }))}
      onChange={({ target }) => onChoose(target.value)}
    />
  );
}
