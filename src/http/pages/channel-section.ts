import { html } from "hono/html";
import { LocalReferences } from "../../asyncapi/local-references.ts";
import { memberOf } from "../../asyncapi/reader/json-values.ts";
import { cut } from "../../markup/cut.ts";
import type { Html } from "../../markup/html.ts";
import { renderMarkdown } from "../../markup/markdown.ts";
import type { Topic } from "../../registry/topics.ts";
import { type RowBudget, renderParameters, renderSchema } from "./schema-table.ts";

const ROWS_MAX = 4_000; // of all schemas on a page
const ROWS_CHARS_MAX = 500_000; // of what they say of their values
const EXAMPLES_MAX = 3; // of a message
const EXAMPLE_CHARS_MAX = 10_000;
const EXAMPLES_CHARS_MAX = 500_000; // of all examples on a page

type Budget = RowBudget & { exampleCharsLeft: number };

/** Every channel of an API: what its address is made of, and what its messages say. */
export function renderChannels(topics: Topic[]): Html {
  const budget: Budget = { rowsLeft: ROWS_MAX, rowCharsLeft: ROWS_CHARS_MAX, exampleCharsLeft: EXAMPLES_CHARS_MAX };
  const contents = topics.map(
    ({ address }, index) => html`<li><a href="#channel-${index + 1}"><code>${address}</code></a></li>`,
  );
  return html`${topics.length > 1 ? html`<ul class="channels">${contents}</ul>` : ""}
${topics.map((topic, index) => renderChannel(topic, index + 1, budget))}`;
}

function renderChannel(topic: Topic, number: number, budget: Budget): Html {
  return html`<section class="channel" id="channel-${number}">
<h3><code>${topic.address}</code></h3>
${topic.title === null ? "" : html`<p><strong>${topic.title}</strong></p>`}
${topic.description === null ? "" : renderMarkdown(topic.description)}
${topic.parameters.length === 0 ? "" : renderParameters(topic.parameters, budget)}
${topic.messages.map((message) => renderMessage(message, budget))}
</section>
`;
}

function renderMessage({ name, contentType, schema, examples }: Topic["messages"][number], budget: Budget): Html {
  const shown = examples.length > 0 ? examples : examplesOf(schema);
  return html`<h4>${name}${contentType === null ? "" : html` <span class="version">${contentType}</span>`}</h4>
${
  schema === null
    ? html`<p class="note">The document has no JSON Schema for this message.</p>`
    : renderSchema(schema, budget)
}${shown.slice(0, EXAMPLES_MAX).map((example) => renderExample(example, budget))}`;
}

function renderExample(example: unknown, budget: Budget): Html | string {
  if (budget.exampleCharsLeft <= 0) return "";
  const text = cut(JSON.stringify(example, null, 2), EXAMPLE_CHARS_MAX);
  budget.exampleCharsLeft -= text.length;
  return html`<details><summary>Example</summary><pre tabindex="0">${text}</pre></details>`;
}

/** What the schema itself gives as examples: a list, as JSON Schema has it, or one, as OpenAPI does. */
function examplesOf(schema: unknown): unknown[] {
  const root = new LocalReferences(schema).follow(schema);
  const examples = memberOf(root, "examples")?.value;
  if (Array.isArray(examples)) return examples;
  const example = memberOf(root, "example");
  return example ? [example.value] : [];
}
