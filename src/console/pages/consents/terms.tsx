import { Time } from "../../parts/time.tsx";

/** What a consent is for; null: whatever the subscription has. */
export const Channels = ({ channels }: { channels: string[] | null }) =>
  channels === null
    ? "all channels"
    : channels.map((channel, n) => (
        <span key={channel}>
          {n > 0 && ", "}
          <code>{channel}</code>
        </span>
      ));

/** How long; null: until somebody takes it back. */
export const Until = ({ at }: { at: string | null }) =>
  at === null ? (
    "without an end"
  ) : (
    <>
      until <Time at={at} isExact />
    </>
  );
