import { getRouteApi } from "@tanstack/react-router";
import { CodeBlock } from "../../parts/code.tsx";
import { SelectField } from "../../parts/field.tsx";
import { FilterLink, Filters } from "../../parts/filters.tsx";
import { Section } from "../../parts/page.tsx";
import { renderSample } from "../../samples/sample.ts";
import { fileNameOf, type Kind, type Language } from "../../samples/templates.ts";
import styles from "./directory.module.css";
import { SampleNeeds } from "./sample-needs.tsx";
import { type DirectoryApi, useDirectoryApi } from "./the-directory-api.ts";

const route = getRouteApi("/o/$organizationId/directory/$apiId/code");
const HERE = "/o/$organizationId/directory/$apiId/code";

const KINDS: Record<Kind, string> = { receive: "Receive events", publish: "Publish an event" };
const LANGUAGES: Record<Language, string> = { node: "Node.js", python: "Python", curl: "curl" };
const COMMENT_MARKS: Record<Language, string> = { node: "//", python: "#", curl: "#" };

/** Programs for this API, ready to run. What is chosen stands in the address. */
export function DirectoryCode() {
  const { apiId } = route.useParams();
  const { data: api } = useDirectoryApi(apiId);
  return api ? <Code api={api} /> : null;
}

function Code({ api }: { api: DirectoryApi }) {
  const search = route.useSearch();
  const kind = pick(KINDS, search.kind) ?? "receive";
  const language = pick(LANGUAGES, search.language) ?? "node";
  const channel = api.channels.find(({ address }) => address === search.channel) ?? api.channels[0];
  if (!channel) return null;
  const { origin } = new URL(api.documents.json);
  return (
    <Section
      title="Code"
      lead="Made for this API, and tested against the relay. What is yours comes from the environment."
    >
      {api.channels.length > 1 && (
        <ChannelChoice addresses={api.channels.map(({ address }) => address)} chosen={channel.address} />
      )}
      <div className={styles.choices}>
        <Choice label="What it does" name="kind" choices={KINDS} chosen={kind} />
        <Choice label="Language" name="language" choices={LANGUAGES} chosen={language} />
      </div>
      <SampleNeeds api={api} kind={kind} language={language} />
      <div className={styles.sample}>
        <CodeBlock
          code={renderSample({ language, kind, origin, api, channel })}
          label={fileNameOf(kind, language)}
          commentMark={COMMENT_MARKS[language]}
        />
      </div>
    </Section>
  );
}

/** What an address names, if there is such a thing. */
const pick = <Name extends string>(choices: Record<Name, string>, name: string | undefined): Name | undefined =>
  name !== undefined && Object.hasOwn(choices, name) ? (name as Name) : undefined;

type ChoiceProps = { label: string; name: "kind" | "language"; choices: Record<string, string>; chosen: string };

const Choice = ({ label, name, choices, chosen }: ChoiceProps) => (
  <Filters label={label}>
    {Object.entries(choices).map(([value, words]) => (
      <FilterLink
        key={value}
        isOn={value === chosen}
        to={HERE}
        from={HERE}
        search={(search) => ({ ...search, [name]: value })}
        replace
        resetScroll={false}
      >
        {words}
      </FilterLink>
    ))}
  </Filters>
);

function ChannelChoice({ addresses, chosen }: { addresses: string[]; chosen: string }) {
  const navigate = route.useNavigate();
  const choose = (channel: string): void =>
    void navigate({ search: (search) => ({ ...search, channel }), replace: true, resetScroll: false });
  return (
    <SelectField
      label="Channel"
      value={chosen}
      onChange={({ target }) => choose(target.value)}
      options={addresses.map((address) => ({ value: address, label: address }))}
    />
  );
}
