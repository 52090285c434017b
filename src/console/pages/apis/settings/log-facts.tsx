import { Fact, Facts } from "../../../parts/facts.tsx";
import { Section } from "../../../parts/page.tsx";
import type { Api } from "../api-types.ts";

const REGIONS: Record<NonNullable<Api["region"]>, string> = {
  wnam: "Western North America",
  enam: "Eastern North America",
  sam: "South America",
  weur: "Western Europe",
  eeur: "Eastern Europe",
  apac: "Asia-Pacific",
  oc: "Oceania",
  afr: "Africa",
  me: "Middle East",
};

/** How the API's events are kept: what a program can change, as it cannot be taken back. */
export const LogFacts = ({ api: { id, shards, region } }: { api: Api }) => (
  <Section
    title="Logs"
    lead="Where the events of each channel are kept, in the order of their keys. A busy channel is spread over more logs, and never over fewer again."
  >
    <Facts>
      <Fact label="Logs of each channel">{shards}</Fact>
      <Fact label="Region">{region === null ? "none chosen" : REGIONS[region]}</Fact>
      <Fact label="Changed by">
        <code>PATCH /v1/apis/{id}</code>
      </Fact>
    </Facts>
  </Section>
);
