import { getRouteApi, Link, Navigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import example from "specs/repair-order.asyncapi.yaml?raw";
import type { Answer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { asDocument } from "../../api/document-calls.ts";
import { useRefresh } from "../../api/refresh.ts";
import { useMay } from "../../api/role.ts";
import { DocumentEditor } from "../../editor/document-editor.tsx";
import { Button } from "../../parts/button.tsx";
import { FormEnds } from "../../parts/field.tsx";
import { LeaveGuard } from "../../parts/leave-guard.tsx";
import { Note } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { countOf } from "../../parts/words.ts";
import { secretsOf } from "./client-secrets.ts";
import { DocumentRefusal, findingsOf } from "./document-refusal.tsx";

const route = getRouteApi("/o/$organizationId");

type Registered = Answer<"/v1/apis", "post">;

/** An API comes to the relay with its document. */
export function NewApiPage() {
  const params = route.useParams();
  const [registered, setRegistered] = useState<Registered | null>(null);
  const crumbs = (
    <Link to="/o/$organizationId/apis" params={params}>
      APIs
    </Link>
  );
  if (registered) return <RegisteredPage {...{ registered, crumbs }} />;
  return (
    <Page
      title="Register an API"
      crumbs={crumbs}
      lead="Describe its channels and messages in an AsyncAPI document, version 2 or 3. Whoever subscribes reads it too."
    >
      <RegisterForm onRegistered={setRegistered} />
    </Page>
  );
}

function RegisterForm({ onRegistered }: { onRegistered(registered: Registered): void }) {
  const mayChange = useMay("developer");
  const refresh = useRefresh();
  const [text, setText] = useState("");
  const [sent, setSent] = useState("");
  const registering = api.useMutation("post", "/v1/apis", {
    onSuccess: (registered) => {
      void refresh("/v1/apis");
      onRegistered(registered);
    },
  });
  const register = (): void => {
    setSent(text);
    registering.mutate(asDocument(text));
  };
  const hasOwnText = text.trim() !== "" && text !== example;
  return (
    <>
      <DocumentEditor
        text={text}
        onChange={setText}
        onExample={() => setText(example)}
        refusal={registering.error ? { text: sent, findings: findingsOf(registering.error) } : null}
        actions={
          <>
            {registering.error && sent === text && <DocumentRefusal error={registering.error} />}
            {!mayChange && (
              <Note tone="warn">Your role here is to look on: a developer or an admin registers APIs.</Note>
            )}
            <Button
              tone="primary"
              isBusy={registering.isPending}
              disabled={!mayChange || text.trim() === ""}
              onClick={register}
            >
              Register the API
            </Button>
          </>
        }
      />
      {registering.isPending ? (
        <LeaveGuard isOn title="Leave before it is registered?">
          The relay has the document already. Its first credentials are shown on this page alone.
        </LeaveGuard>
      ) : (
        <LeaveGuard isOn={hasOwnText && !registering.isSuccess} title="Leave without registering?">
          The document is in this page alone.
        </LeaveGuard>
      )}
    </>
  );
}

/** The secret is known to this page alone, until its reader has kept it. */
function RegisteredPage({ registered, crumbs }: { registered: Registered; crumbs: ReactNode }) {
  const params = route.useParams();
  const [isKept, setKept] = useState(false);
  // The guard of this page is told of its end only after the way on was taken.
  if (isKept)
    return <Navigate to="/o/$organizationId/apis/$apiId" params={{ ...params, apiId: registered.id }} ignoreBlocker />;
  return (
    <Page
      isNarrow
      crumbs={crumbs}
      title={`${registered.title} is registered`}
      lead={`Version ${registered.version}, with ${countOf(registered.channels.length, "channel")}. It is private until you say otherwise in its settings.`}
    >
      <Section
        title="Its first credentials"
        lead="With them a publisher gets the access tokens that it publishes with."
      >
        <ShownOnce values={secretsOf(registered.credentials)} />
        <FormEnds>
          <Button tone="primary" onClick={() => setKept(true)}>
            I have kept them
          </Button>
        </FormEnds>
      </Section>
      <LeaveGuard isOn title="Leave without the secret?">
        It cannot be shown again. You could only give these credentials another secret.
      </LeaveGuard>
    </Page>
  );
}
