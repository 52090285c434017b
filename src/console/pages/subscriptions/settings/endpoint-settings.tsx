import { useState } from "react";
import { AreaField, CheckField, TextField } from "../../../parts/field.tsx";
import { Note } from "../../../parts/note.tsx";
import { FormatField } from "../fields/format-field.tsx";
import { readPairs, writePairs } from "../fields/pairs-draft.ts";
import type { Subscription } from "../subscription-types.ts";
import { isEndpoint } from "../wizard/subscription-draft.ts";
import { changesOf } from "./changes.ts";
import { SettingsGroup } from "./settings-group.tsx";

const draftOf = ({ endpoint, format, structured, eventPath, headers, signature, verification }: Subscription) => ({
  endpoint: endpoint ?? "",
  form: { format, structured, eventPath },
  headers: writePairs(headers),
  isSignedTwice: signature !== null,
  isAsked: verification === "challenge",
});

export function EndpointSettings({ subscription }: { subscription: Subscription }) {
  const [draft, setDraft] = useState(() => draftOf(subscription));
  const endpoint = draft.endpoint.trim() === "" ? null : draft.endpoint.trim();
  const headers = readPairs(draft.headers);
  const isGood = endpoint === null || isEndpoint(endpoint);
  const { format, structured, eventPath, signature, verification } = subscription;
  const before = {
    ...{ endpoint: subscription.endpoint, format, structured, eventPath },
    ...{ headers: subscription.headers, signature, verification },
  };
  const after = {
    endpoint,
    ...draft.form,
    headers: headers.ok ? headers.value : before.headers,
    signature: draft.isSignedTwice ? ("rfc9421" as const) : null,
    verification: draft.isAsked ? ("challenge" as const) : ("none" as const),
  };
  return (
    <SettingsGroup
      subscriptionId={subscription.id}
      title="Endpoint"
      lead="Where events go, and in which form."
      changes={isGood && headers.ok ? changesOf(before, after) : null}
      onReset={() => setDraft(draftOf(subscription))}
    >
      <TextField
        label="Endpoint"
        isOptional
        type="url"
        isMono
        hint="Empty: nothing is posted, events are for live and pull only."
        error={isGood ? undefined : "This is no URL of a web server."}
        value={draft.endpoint}
        spellCheck={false}
        onChange={({ target }) => setDraft({ ...draft, endpoint: target.value })}
      />
      {subscription.endpoint !== null && endpoint === null && (
        <Note tone="warn">Without an endpoint what is outstanding is not posted any more. It waits to be fetched.</Note>
      )}
      {endpoint !== null && (
        <>
          <FormatField draft={draft.form} onChange={(form) => setDraft({ ...draft, form })} />
          <AreaField
            label="Headers of your own"
            isOptional
            isMono
            rows={3}
            spellCheck={false}
            hint="One a line, as name: value. Sent with every delivery, for example to get past a gateway."
            error={headers.ok ? undefined : headers.error}
            value={draft.headers}
            onChange={({ target }) => setDraft({ ...draft, headers: target.value })}
          />
          <CheckField
            label="Sign with HTTP Message Signatures, too"
            hint="RFC 9421, beside the signature that every delivery carries."
            checked={draft.isSignedTwice}
            onChange={({ target }) => setDraft({ ...draft, isSignedTwice: target.checked })}
          />
          <CheckField
            label="Ask the endpoint before anything is sent"
            hint="It agrees by answering an OPTIONS request with WebHook-Allowed-Origin."
            checked={draft.isAsked}
            onChange={({ target }) => setDraft({ ...draft, isAsked: target.checked })}
          />
        </>
      )}
    </SettingsGroup>
  );
}
