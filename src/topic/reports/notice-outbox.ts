import type { LogNotice } from "../../domain/notice.ts";
import { NOTICES_TAKEN_MAX } from "../../kernel/limits.ts";
import type { LogState } from "../state/log-state.ts";
import { transact } from "../state/open-log.ts";

/** What the log has to tell, the oldest first: the same again until it is dropped. */
export const takeNotices = (log: LogState): LogNotice[] => transact(log, () => log.notices.take(NOTICES_TAKEN_MAX));

/** What was taken has been told, up to this one. Where more has come, somebody is called for it. */
export function dropNotices(log: LogState, upTo: number): void {
  transact(log, () => {
    log.notices.drop(upTo);
    log.alarm.by(log.notices.nextCallMs(log.platform.clock.now()));
  });
}
