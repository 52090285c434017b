import { type ReactNode, useState } from "react";
import { Button } from "../../parts/button.tsx";
import { Form, FormEnds, SelectField, TextField } from "../../parts/field.tsx";
import styles from "./audit.module.css";
import { type AuditSearch, isNarrowed } from "./audit-search.ts";
import { KNOWN_ACTIONS, sayAction } from "./audit-words.ts";

const ANY = { value: "", label: "Anything" };

/** Which entries to show; the address says it, so it can be sent to somebody. `from` and `to` are days as they are here. */
export function AuditFilters({
  search,
  onSearch,
  children,
}: {
  search: AuditSearch;
  onSearch(search: AuditSearch): void;
  children?: ReactNode;
}) {
  const [subject, setSubject] = useState(search.subject ?? "");
  const change = (next: AuditSearch): void => {
    const merged: AuditSearch = { ...search, ...next };
    onSearch(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== "")));
  };
  const actions = [...new Set([...KNOWN_ACTIONS, ...(search.action ? [search.action] : [])])];
  return (
    <div className={styles.filters}>
      <Form aria-label="Filter the audit" onSubmit={() => change({ subject })}>
        <div className={styles.fields}>
          {children}
          <SelectField
            label="What"
            options={[ANY, ...actions.map((action) => ({ value: action, label: sayAction(action) }))]}
            value={search.action ?? ""}
            onChange={({ target }) => change({ action: target.value })}
          />
          <TextField
            label="Id of the thing"
            isMono
            spellCheck={false}
            value={subject}
            onChange={({ target }) => setSubject(target.value)}
            onBlur={() => subject !== (search.subject ?? "") && change({ subject })}
          />
          <TextField
            label="From"
            type="date"
            value={search.from ?? ""}
            onChange={({ target }) => change({ from: target.value })}
          />
          <TextField
            label="To"
            type="date"
            value={search.to ?? ""}
            onChange={({ target }) => change({ to: target.value })}
          />
        </div>
        <FormEnds>
          {isNarrowed(search) && (
            <Button
              tone="quiet"
              size="small"
              onClick={() => {
                setSubject("");
                onSearch({});
              }}
            >
              Show everything
            </Button>
          )}
          <Button type="submit" size="small">
            Filter
          </Button>
        </FormEnds>
      </Form>
    </div>
  );
}
