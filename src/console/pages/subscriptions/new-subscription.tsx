import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { ApiProblem } from "../../api/problem.ts";
import { useRefresh } from "../../api/refresh.ts";
import { useMay } from "../../api/role.ts";
import { Button, LinkButton } from "../../parts/button.tsx";
import { Form } from "../../parts/field.tsx";
import { useFocusOnChange } from "../../parts/focus-on-change.ts";
import { Note, ProblemNote } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { type Created, CreatedSubscription } from "./wizard/created-subscription.tsx";
import { useKeptDraft } from "./wizard/kept-draft.ts";
import { StepApi } from "./wizard/step-api.tsx";
import { StepDelivery } from "./wizard/step-delivery.tsx";
import { StepEndpoint } from "./wizard/step-endpoint.tsx";
import { StepEvents } from "./wizard/step-events.tsx";
import { StepList } from "./wizard/step-list.tsx";
import {
  findLack,
  reachStep,
  STEP_TITLES,
  STEPS,
  type Step,
  stepOf,
  toNewSubscription,
} from "./wizard/subscription-draft.ts";
import styles from "./wizard/wizard.module.css";

const route = getRouteApi("/o/$organizationId/subscriptions/new");

/** From an API to a subscription, in four steps on one address. */
export function NewSubscriptionPage() {
  const [created, setCreated] = useState<Created | null>(null);
  const { organizationId } = route.useParams();
  const mayWrite = useMay("developer");
  if (created) return <CreatedSubscription created={created} />;
  const crumbs = (
    <Link to="/o/$organizationId/subscriptions" params={{ organizationId }}>
      Subscriptions
    </Link>
  );
  return (
    <Page
      title="New subscription"
      lead="Say which events you want, and where to. Nothing is sent before you have seen it all."
      crumbs={crumbs}
      isNarrow
    >
      {mayWrite ? (
        <Wizard onCreated={setCreated} />
      ) : (
        <Note>You see this organization as a viewer. A developer or an admin of it can subscribe.</Note>
      )}
    </Page>
  );
}

const STEP_VIEWS: Record<Step, typeof StepEndpoint> = {
  api: StepApi,
  events: StepEvents,
  endpoint: StepEndpoint,
  delivery: StepDelivery,
};

function Wizard({ onCreated }: { onCreated(created: Created): void }) {
  const { organizationId } = route.useParams();
  const { step: asked, apiId, appId } = route.useSearch();
  const navigate = route.useNavigate();
  const refresh = useRefresh();
  const { draft, setDraft, forget } = useKeptDraft(organizationId, {
    ...(apiId && { apiId }),
    ...(appId && { appId }),
  });
  const [isTold, setTold] = useState(false);
  const creating = api.useMutation("post", "/v1/apps/{id}/subscriptions");
  const step = reachStep(asked, draft);
  const place = useFocusOnChange<HTMLDivElement>(step);
  const lack = findLack(step, draft);
  const next = STEPS[STEPS.indexOf(step) + 1];

  const goTo = (to: Step): void => {
    setTold(false);
    void navigate({ search: { step: to }, resetScroll: true });
  };
  const create = (): void => {
    const request = { params: { path: { id: draft.appId } }, body: toNewSubscription(draft) };
    creating.mutate(request, {
      onSuccess: (subscription) => {
        forget();
        void refresh("/v1/subscriptions");
        onCreated(subscription);
      },
    });
  };
  const goOn = (): void => {
    if (lack !== null) setTold(true);
    else if (next) goTo(next);
    else create();
  };
  const StepView = STEP_VIEWS[step];
  return (
    <Form onSubmit={goOn}>
      <StepList draft={draft} step={step} onChoose={goTo} />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would have its legend in the section's frame */}
      <div
        ref={place}
        tabIndex={-1}
        role="group"
        aria-label={`Step ${STEPS.indexOf(step) + 1} of ${STEPS.length}`}
        className={styles.place}
      >
        <Section title={STEP_TITLES[step]}>
          <StepView draft={draft} onChange={(change) => setDraft({ ...draft, ...change })} />
          {isTold && lack !== null && <Note tone="bad">{lack}</Note>}
          {creating.error && <Refusal error={creating.error} onChoose={goTo} />}
        </Section>
      </div>
      <div className={styles.ends}>
        <Back step={step} onChoose={goTo} />
        <Button type="submit" tone="primary" isBusy={creating.isPending}>
          {next ? `Next: ${STEP_TITLES[next]}` : "Subscribe"}
        </Button>
      </div>
    </Form>
  );
}

function Back({ step, onChoose }: { step: Step; onChoose(step: Step): void }) {
  const { organizationId } = route.useParams();
  const before = STEPS[STEPS.indexOf(step) - 1];
  if (before) return <Button onClick={() => onChoose(before)}>Back</Button>;
  return (
    <LinkButton to="/o/$organizationId/subscriptions" params={{ organizationId }}>
      Cancel
    </LinkButton>
  );
}

/** What the relay has refused, with the way to the step in which it can be mended. */
function Refusal({ error, onChoose }: { error: unknown; onChoose(step: Step): void }) {
  const paths = error instanceof ApiProblem ? error.errors.map(({ path }) => path) : [];
  const steps = new Set(paths.flatMap((path) => stepOf(path) ?? []));
  return (
    <>
      <ProblemNote error={error} />
      {[...steps].map((step) => (
        <div key={step}>
          <Button size="small" onClick={() => onChoose(step)}>
            Mend it in: {STEP_TITLES[step]}
          </Button>
        </div>
      ))}
    </>
  );
}
