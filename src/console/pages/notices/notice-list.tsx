import type { ReactNode } from "react";
import { Badge } from "../../parts/badge.tsx";
import { Time } from "../../parts/time.tsx";
import type { Notice, NoticeWords } from "./notice-words.ts";
import styles from "./notices.module.css";

/** Notices as sentences, newest first. `children` puts around each what leads on from it. */
export function NoticeList<N extends Notice>({
  notices,
  say,
  children,
}: {
  notices: N[];
  say(notice: N): NoticeWords;
  children(notice: N, words: NoticeWords): ReactNode;
}) {
  return (
    <ul className={styles.notices}>
      {notices.map((notice) => {
        const words = say(notice);
        return (
          <li key={notice.id}>
            <span>
              <Badge tone={words.tone}>{words.kind}</Badge>
            </span>
            <span className={styles.text}>{children(notice, words)}</span>
            <span className={styles.time}>
              <Time at={notice.at} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
