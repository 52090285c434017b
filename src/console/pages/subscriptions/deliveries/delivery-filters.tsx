import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { Button } from "../../../parts/button.tsx";
import { TextField } from "../../../parts/field.tsx";
import { toLocal, toMoment } from "../../../parts/local-time.ts";
import styles from "./deliveries.module.css";
import type { DeliveryFilter } from "./use-live-deliveries.ts";

const route = getRouteApi("/o/$organizationId/subscriptions/$subscriptionId/deliveries");

/** Which deliveries are shown: all of it stands in the address. */
export function DeliveryFilters({ filter, children }: { filter: DeliveryFilter; children: ReactNode }) {
  const navigate = route.useNavigate();
  const [key, setKey] = useState(filter.partitionKey ?? "");
  const [from, setFrom] = useState(toLocal(filter.from));
  const [to, setTo] = useState(toLocal(filter.to));
  const isNarrowed = Boolean(filter.partitionKey || filter.from || filter.to);
  const apply = (): void => {
    const [fromAt, toAt] = [toMoment(from), toMoment(to)];
    const search = {
      ...(filter.status && { status: filter.status }),
      ...(key !== "" && { partitionKey: key }),
      ...(fromAt && { from: fromAt }),
      ...(toAt && { to: toAt }),
    };
    void navigate({ search, replace: true, resetScroll: false });
  };
  const clear = (): void => {
    setKey("");
    setFrom("");
    setTo("");
    void navigate({
      search: filter.status ? { status: filter.status } : {},
      replace: true,
      resetScroll: false,
    });
  };
  return (
    <div className={styles.filters}>
      {children}
      <details open={isNarrowed || undefined}>
        <summary>By key or time</summary>
        <form
          className={styles.fields}
          onSubmit={(event) => {
            event.preventDefault();
            apply();
          }}
        >
          <TextField
            label="Partition key"
            isMono
            value={key}
            spellCheck={false}
            onChange={({ target }) => setKey(target.value)}
          />
          <TextField
            label="Accepted from"
            type="datetime-local"
            step={1}
            value={from}
            onChange={({ target }) => setFrom(target.value)}
          />
          <TextField
            label="Until"
            type="datetime-local"
            step={1}
            value={to}
            onChange={({ target }) => setTo(target.value)}
          />
          <div className={styles.apply}>
            <Button type="submit">Apply</Button>
            {isNarrowed && (
              <Button tone="quiet" onClick={clear}>
                Clear
              </Button>
            )}
          </div>
        </form>
      </details>
    </div>
  );
}
