import { CheckField, Choices } from "../../../parts/field.tsx";
import styles from "./fields.module.css";

type Channel = { address: string; title: string | null };
/** `chosen`: null for all of them, later ones included. */
type Props = { channels: Channel[]; chosen: string[] | null; onChange(chosen: string[] | null): void };

const SCOPES = [
  { value: "all", label: "All channels", hint: "Those that the API gets later, too." },
  { value: "some", label: "Some channels", hint: "Only what you choose here." },
] satisfies { value: "all" | "some"; label: string; hint: string }[];

/** Which of an API's channels a subscription has. */
export function ChannelField({ channels, chosen, onChange }: Props) {
  const toggle = (address: string, isOn: boolean): void =>
    onChange(isOn ? [...(chosen ?? []), address] : (chosen ?? []).filter((other) => other !== address));
  return (
    <div className={styles.stack}>
      <Choices
        label="Channels"
        value={chosen === null ? "all" : "some"}
        choices={SCOPES}
        onChange={(scope) => onChange(scope === "all" ? null : [])}
      />
      {chosen !== null && (
        <fieldset className={styles.channels}>
          <legend>Which of them</legend>
          {channels.map(({ address, title }) => (
            <CheckField
              key={address}
              label={title ?? address}
              hint={title === null ? undefined : <code>{address}</code>}
              checked={chosen.includes(address)}
              onChange={({ target }) => toggle(address, target.checked)}
            />
          ))}
        </fieldset>
      )}
    </div>
  );
}
