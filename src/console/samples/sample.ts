import { exampleEvent, type SampleChannel } from "./channel-event.ts";
import { writeComment, writeJson, writeLiteral } from "./literals.ts";
import { type Kind, type Language, TEMPLATES } from "./templates.ts";

/** For whom a sample is made: one channel of one API, at the relay of that origin. */
export type SampleWish = {
  language: Language;
  kind: Kind;
  origin: string;
  api: { title: string; version: string };
  channel: SampleChannel;
};

// In a comment of its own, or in quotes: what is in quotes is replaced with them.
const PLACE = /^([ \t]*)(#|\/\/) %(\w+)%$|(["'])%(\w+)%\4/gm;

/**
 * A program that publishes an event to the channel, or receives what comes of it, ready to run: what is somebody's own comes from
 * the environment. Whatever the API's texts hold, it is data or a comment there.
 */
export function renderSample({ language, kind, origin, api, channel }: SampleWish): string {
  const { path, key, payload } = exampleEvent(channel);
  // What a shell sends is the text itself.
  const sent = language === "curl" ? writeJson(payload) : payload;
  const values: Record<string, unknown> = { relay: origin, path, key, payload: sent };
  const shown = { channel: decodeURIComponent(path), partitionKey: key, data: payload };
  const comments: Record<string, string[]> = {
    about: [`Channel ${channel.address} of ${api.title} ${api.version}`],
    example: ["One that comes:", ...writeJson(shown).split("\n")],
  };
  return TEMPLATES[kind][language].replace(PLACE, (place, indent, mark, comment, _quote, name) => {
    const lines = comments[comment];
    if (lines) return writeComment(indent + mark, lines);
    return Object.hasOwn(values, name) ? writeLiteral(language, values[name]) : place;
  });
}
