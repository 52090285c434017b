import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { fillAddress, parameterNames } from "../../../../domain/channel-address.ts";
import { useRefresh } from "../../../api/refresh.ts";
import { Button, LinkButton } from "../../../parts/button.tsx";
import { Form, SelectField, TextField } from "../../../parts/field.tsx";
import { Note } from "../../../parts/note.tsx";
import { Section } from "../../../parts/page.tsx";
import type { Api, Channel, Credentials } from "../api-types.ts";
import { useApiParams } from "../the-api.tsx";
import { ChooseCredentials } from "./choose-credentials.tsx";
import { type Draft, EventData } from "./event-data.tsx";
import { canBeForm, readJson, startingData, writeJson } from "./event-start.ts";
import { Outcome } from "./outcome.tsx";
import { publishTestEvent, type TestEvent } from "./publish-event.ts";
import { type FieldFault, faultsOf } from "./refused-fields.ts";
import styles from "./test-event.module.css";

export type Start = { data: unknown; parameters: Map<string, string>; partitionKey: string; dataOwnerId: string };

type Props = {
  api: Api;
  channel: Channel;
  credentials: Credentials[];
  /** An event that was there before; else the message's example. */
  start: Start | null;
};

const NO_FAULTS: FieldFault[] = [];

/** One event of a channel, written by hand and published as its publisher would do it. */
export function TestEventForm({ api, channel, credentials, start }: Props) {
  const refresh = useRefresh();
  const [messageName, setMessageName] = useState(channel.messages[0]?.name);
  const message = channel.messages.find(({ name }) => name === messageName) ?? channel.messages[0];
  const [draft, setDraft] = useState<Draft>(() => draftOf(message, start ? start.data : startingData(message)));
  const [fault, setFault] = useState<string | null>(null);
  const [parameters, setParameters] = useState(start?.parameters ?? new Map<string, string>());
  const [partitionKey, setPartitionKey] = useState(start?.partitionKey ?? "");
  const [dataOwnerId, setDataOwnerId] = useState(start?.dataOwnerId ?? "");
  const [clientId, setClientId] = useState(credentials[0]?.clientId ?? "");
  const publishing = useMutation({
    mutationFn: (event: TestEvent) => publishTestEvent({ apiId: api.id, clientId }, event),
    onSuccess: () => refresh("/v1/apis/{id}/events"),
  });
  const address = fillAddress(channel.address, (name) => parameters.get(name) || `{${name}}`);
  const missing = parameterNames(channel.address).filter((name) => !parameters.get(name));

  /** null: it is no JSON, which is said. */
  const readDraft = (): { data: unknown } | null => {
    if (draft.as === "form") return { data: draft.data };
    const json = readJson(draft.text);
    setFault(json.ok ? null : json.fault);
    return json.ok ? { data: json.value } : null;
  };
  const switchTo = (as: Draft["as"]): void => {
    const read = readDraft();
    if (read) setDraft(as === "form" ? { as, data: read.data } : { as, text: writeJson(read.data) });
  };
  const chooseMessage = (name: string): void => {
    setMessageName(name);
    const next = channel.messages.find((one) => one.name === name);
    setDraft(draftOf(next, startingData(next)));
    publishing.reset();
  };
  const publish = (): void => {
    const read = readDraft();
    if (read) publishing.mutate({ channel: address, data: read.data, partitionKey, dataOwnerId });
  };

  return (
    <Form onSubmit={publish} aria-label="Test event">
      <div className={styles.columns}>
        <Section title={`A test event: ${channel.title ?? channel.address}`}>
          {channel.messages.length > 1 && (
            <SelectField
              label="Message"
              value={message?.name}
              options={channel.messages.map(({ name }) => ({ value: name, label: name }))}
              onChange={({ target }) => chooseMessage(target.value)}
            />
          )}
          <EventData
            schema={message?.schema ?? null}
            errors={publishing.error ? faultsOf(publishing.error) : NO_FAULTS}
            onChange={setDraft}
            onSwitch={switchTo}
            {...{ draft, fault }}
          />
        </Section>
        <div className={styles.side}>
          <Section title="Where it goes">
            {parameterNames(channel.address).map((name) => (
              <TextField
                key={name}
                label={name}
                isMono
                value={parameters.get(name) ?? ""}
                onChange={({ target }) => setParameters(new Map(parameters).set(name, target.value.trim()))}
              />
            ))}
            <code className={styles.address}>POST /v2/events/{address}</code>
            <TextField
              label="Partition key"
              isOptional
              isMono
              hint="Events of one key stay in their order."
              value={partitionKey}
              onChange={({ target }) => setPartitionKey(target.value)}
            />
            <TextField
              label="Data owner"
              isOptional={api.access !== "consent"}
              isMono
              hint={
                api.access === "consent"
                  ? "Whose data it is: the id of an organization. Without one, or without its consent, nobody gets the event."
                  : "Whose data it is: the id of an organization."
              }
              value={dataOwnerId}
              onChange={({ target }) => setDataOwnerId(target.value.trim())}
            />
            <ChooseCredentials credentials={credentials} chosen={clientId} onChoose={setClientId} />
          </Section>
          <Note tone="warn">It is a real event: whoever subscribes to this channel gets it.</Note>
          <Button
            type="submit"
            tone="primary"
            isBusy={publishing.isPending}
            disabled={missing.length > 0 || clientId === ""}
          >
            Publish the event
          </Button>
          {missing.length > 0 && <p>Fill in {missing.join(", ")} first.</p>}
          <Outcome published={publishing.data ?? null} error={publishing.error} />
        </div>
      </div>
    </Form>
  );
}

/** In a form where one can be made, unless what is to be sent is none of its values. */
function draftOf(message: Channel["messages"][number] | undefined, data: unknown): Draft {
  const fits = typeof data === "object" && data !== null && canBeForm(message?.schema);
  return fits ? { as: "form", data } : { as: "json", text: writeJson(data) };
}

/** Where there is nothing to publish with. */
export function NoCredentials() {
  const params = useApiParams();
  return (
    <Note tone="warn">
      <p>No credentials of this API may publish to this channel.</p>
      <p>
        <LinkButton size="small" to="/o/$organizationId/apis/$apiId/credentials" params={params}>
          Make some
        </LinkButton>
      </p>
    </Note>
  );
}
