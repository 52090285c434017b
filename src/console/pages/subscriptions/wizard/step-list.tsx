import { findLack, STEP_TITLES, STEPS, type Step, type SubscriptionDraft } from "./subscription-draft.ts";
import styles from "./wizard.module.css";

type Props = { draft: SubscriptionDraft; step: Step; onChoose(step: Step): void };

/** Where one is, and the steps that can be gone to. */
export function StepList({ draft, step, onChoose }: Props) {
  const current = STEPS.indexOf(step);
  const lacking = STEPS.findIndex((one) => findLack(one, draft) !== null);
  const reach = lacking === -1 ? STEPS.length : lacking;
  return (
    <ol className={styles.steps} aria-label="Steps">
      {STEPS.map((one, n) => (
        <li key={one}>
          <button
            type="button"
            className={styles.step}
            aria-current={one === step ? "step" : undefined}
            data-state={n < current ? "done" : undefined}
            disabled={n > reach}
            onClick={() => onChoose(one)}
          >
            {STEP_TITLES[one]}
          </button>
        </li>
      ))}
    </ol>
  );
}
