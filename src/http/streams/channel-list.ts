import { z } from "zod";

/** What `?channel=` asks for: none, one, or one for each time that it stands there. */
export const ChannelList = z
  .preprocess((value) => (typeof value === "string" ? [value] : value), z.array(z.string()).default([]))
  .meta({ type: "array", items: { type: "string" } });
