import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button, LinkButton } from "../../parts/button.tsx";
import { FieldRow, Form, FormEnds, TextField } from "../../parts/field.tsx";
import type { Api } from "./api-types.ts";
import { draftOfSearch, type EventSearch, isSearch, type SearchDraft, searchOfDraft } from "./event-search.ts";
import { useApiParams } from "./the-api.tsx";

type Props = { api: Api; search: EventSearch };

/** Which events: all that is asked for stands in the address. */
export function EventSearchForm({ api, search }: Props) {
  const params = useApiParams();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(() => draftOfSearch(search));
  const field = (name: keyof SearchDraft) => ({
    value: draft[name],
    onChange: ({ target }: { target: { value: string } }) => setDraft({ ...draft, [name]: target.value }),
  });
  const submit = (): void =>
    void navigate({ to: "/o/$organizationId/apis/$apiId/events", params, search: searchOfDraft(draft) });
  return (
    <Form onSubmit={submit} aria-label="Search events">
      <FieldRow>
        <TextField label="Channel" isMono list="event-channels" {...field("channel")} />
        <TextField label="Partition key" isMono {...field("partitionKey")} />
        <TextField label="Data owner" isMono placeholder="an organization's id" {...field("dataOwnerId")} />
        <TextField label="Request id" isMono {...field("requestId")} />
        <TextField label="From" type="datetime-local" step={1} {...field("from")} />
        <TextField label="To, not included" type="datetime-local" step={1} {...field("to")} />
      </FieldRow>
      <datalist id="event-channels">
        {api.channels.map(({ address }) => (
          <option key={address} value={address} />
        ))}
      </datalist>
      <FormEnds>
        {isSearch(search) && (
          <LinkButton tone="quiet" to="/o/$organizationId/apis/$apiId/events" params={params}>
            Show all events
          </LinkButton>
        )}
        <Button type="submit">Search</Button>
      </FormEnds>
    </Form>
  );
}
