import { CheckField, CheckGroup, Choices } from "./field.tsx";

type Channel = { address: string; title: string | null };
type Props = {
  label: string;
  channels: Channel[];
  /** null: all of them, later ones included. */
  chosen: string[] | null;
  onChange(chosen: string[] | null): void;
};

const SCOPES = [
  { value: "all", label: "All channels", hint: "Those that the API gets later, too." },
  { value: "some", label: "Some channels", hint: "Only what you choose here." },
] satisfies { value: "all" | "some"; label: string; hint: string }[];

/** All of an API's channels, or some. */
export function ChannelField({ label, channels, chosen, onChange }: Props) {
  const toggle = (address: string, isOn: boolean): void =>
    onChange(isOn ? [...(chosen ?? []), address] : (chosen ?? []).filter((other) => other !== address));
  return (
    <>
      <Choices
        label={label}
        value={chosen === null ? "all" : "some"}
        choices={SCOPES}
        onChange={(scope) => onChange(scope === "all" ? null : [])}
      />
      {chosen !== null && (
        <CheckGroup legend="Which of them">
          {channels.map(({ address, title }) => (
            <CheckField
              key={address}
              label={title ?? address}
              hint={title === null ? undefined : <code>{address}</code>}
              checked={chosen.includes(address)}
              onChange={({ target }) => toggle(address, target.checked)}
            />
          ))}
        </CheckGroup>
      )}
    </>
  );
}
