import { describe, expect, it } from "vitest";
import { LogFixture, settlesOf } from "../../../support/log-fixture.ts";

/** Takes a log back to what version 1 of its tables was. */
function toVersion1(f: LogFixture): void {
  f.sql("ALTER TABLE event_1 RENAME TO event");
  for (const column of ["invalid", "cloud_event", "hops", "tracestate"])
    f.sql(`ALTER TABLE event DROP COLUMN ${column}`);
  for (const column of ["tokens", "tokens_ms", "delivered", "failed", "attempts_ms"])
    f.sql(`ALTER TABLE slot DROP COLUMN ${column}`);
  for (const column of ["failing_since_ms", "circuit_opens", "circuit_until_ms", "gated"])
    f.sql(`ALTER TABLE subscription DROP COLUMN ${column}`);
  for (const table of ["notice", "told", "caught_up", "hub"]) f.sql(`DROP TABLE ${table}`);
  for (const table of ["successor", "inheritance"]) f.sql(`DROP TABLE ${table}`);
  f.sql("UPDATE log_schema SET version = 1");
}

describe("a log of an older version", () => {
  it("goes on with what it has: its events unmarked, as nobody looked at them", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append({ id: "old" });
    toVersion1(f);
    f.restart();
    f.append({ id: "new", invalid: "marked", traceparent: "00-…", tracestate: "a=1" });
    expect(f.sql("SELECT id, invalid FROM event_1 ORDER BY seq")).toEqual([
      { id: "old", invalid: 0 },
      { id: "new", invalid: 1 },
    ]);
    f.restart();
    const events = f.lease().items.flatMap((item) => item.events);
    expect(events.map(({ id, tracestate }) => [id, tracestate])).toEqual([
      ["old", null],
      ["new", "a=1"],
    ]);
  });

  it("goes on with the delivery log that it has, which says nothing of backlogs", () => {
    const f = new LogFixture();
    f.subscribe();
    f.append();
    const settle = (): void => void f.call({ settles: settlesOf(f.lease()), wantsMore: false });
    settle();
    const [{ name: table = "" } = {}] = f.sql<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE name GLOB 'attempts_*'",
    );
    for (const column of ["backlog", "attempts_by_then", "failures_by_then"])
      f.sql(`ALTER TABLE ${table} DROP COLUMN ${column}`);
    for (const column of ["delivered", "failed", "attempts_ms"]) f.sql(`ALTER TABLE slot DROP COLUMN ${column}`);
    f.sql("UPDATE log_schema SET version = 11");
    f.restart();
    f.append();
    settle();
    expect(f.sql(`SELECT attempts, attempts_by_then, backlog FROM ${table} ORDER BY n`)).toEqual([
      { attempts: 1, attempts_by_then: null, backlog: null },
      { attempts: 1, attempts_by_then: 1, backlog: 0 },
    ]);
  });

  it("is refused by code that is older than it", () => {
    const f = new LogFixture();
    f.sql("UPDATE log_schema SET version = 99");
    expect(() => f.restart()).toThrow("99");
  });
});
