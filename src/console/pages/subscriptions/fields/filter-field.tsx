import { CodeBlock } from "../../../parts/code.tsx";
import { AreaField } from "../../../parts/field.tsx";
import styles from "./fields.module.css";
import { FILTER_EXAMPLE, readFilter, writeFilter } from "./filter-draft.ts";

/** A JSON Schema that an event has to pass. */
export function FilterField({ text, onChange }: { text: string; onChange(text: string): void }) {
  const read = readFilter(text);
  return (
    <div className={styles.stack}>
      <AreaField
        label="Filter"
        isOptional
        isMono
        rows={6}
        spellCheck={false}
        hint="A JSON Schema: only events that it accepts are delivered. Empty: all of them."
        error={read.ok ? undefined : read.error}
        value={text}
        onChange={({ target }) => onChange(target.value)}
      />
      <details className={styles.help}>
        <summary>How a filter is written</summary>
        <p>
          It is checked against <code>{"{channel, key, owner, data}"}</code>: the concrete path, the partition key, the
          data owner, and the payload. A member that is not there passes, unless it is <code>required</code>. This one
          lets through what is ready or closed:
        </p>
        <CodeBlock label="example of a filter" code={writeFilter(FILTER_EXAMPLE)} />
      </details>
    </div>
  );
}
