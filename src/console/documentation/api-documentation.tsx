import { AsyncApiComponentWP } from "@asyncapi/react-component";
import { Component, type ReactNode, useEffect, useMemo, useRef } from "react";
import { Note } from "../parts/note.tsx";
import type { SampleChannel } from "../samples/channel-event.ts";
import "./documentation.css";
import { makeDocument } from "./document-models.ts";
import { keepMended } from "./mend-markup.ts";
import { giveExamples } from "./message-examples.ts";
import { resolveDocument, standsForMore } from "./resolve-document.ts";

/** Of a longer document only what somebody opens is open. */
const OPEN_CHANNELS_MAX = 12;
/** What stands for more than this, or for itself, has no button that opens all of it. */
const EXPANDED_VALUES_MAX = 20_000;

/** Who the API is and where its relay is, the console itself says. */
const CONFIG = {
  show: { sidebar: false, info: false, servers: false, messages: false, schemas: false, errors: true },
  expand: { messageExamples: true },
  sendLabel: "sends",
  subscribeLabel: "sends",
  receiveLabel: "receives",
  publishLabel: "receives",
};

type Props = { document: unknown; channels: SampleChannel[] };

/** An AsyncAPI document, readable: AsyncAPI's own renderer of it, without the parser. */
export function ApiDocumentation({ document, channels }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => show(document, channels), [document, channels]);
  const isShort = channels.length <= OPEN_CHANNELS_MAX;
  useEffect(() => {
    return root.current && shown ? keepMended(root.current, isShort) : undefined;
  }, [shown, isShort]);
  if (!shown) return <Unshown />;
  return (
    <Guard>
      <div ref={root} data-endless={shown.isEndless || undefined}>
        <AsyncApiComponentWP schema={shown.model as never} config={CONFIG} />
      </div>
    </Guard>
  );
}

function show(document: unknown, channels: SampleChannel[]) {
  const resolved = resolveDocument(document);
  if (!resolved) return null;
  giveExamples(resolved, channels);
  return { model: makeDocument(resolved), isEndless: standsForMore(resolved, EXPANDED_VALUES_MAX) };
}

/** A document may ask more of the renderer than it can do. */
class Guard extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };
  static getDerivedStateFromError = () => ({ hasFailed: true });
  override render(): ReactNode {
    return this.state.hasFailed ? <Unshown /> : this.props.children;
  }
}

const Unshown = () => (
  <Note tone="warn">This document cannot be shown here. Download it above, and read it in an editor.</Note>
);
