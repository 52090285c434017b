import { CopyLine } from "./code.tsx";
import { Note } from "./note.tsx";
import styles from "./shown-once.module.css";

/** Secrets that nobody can read again, the relay's own people neither. */
export const ShownOnce = ({ values }: { values: { label: string; value: string }[] }) => (
  <div className={styles.secrets}>
    {values.map(({ label, value }) => (
      <div key={label}>
        <span className={styles.label}>{label}</span>
        <CopyLine label={label} value={value} />
      </div>
    ))}
    <Note tone="warn">This is shown once. Put it where your service keeps its secrets before you go on.</Note>
  </div>
);
