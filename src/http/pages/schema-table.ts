import { html } from "hono/html";
import { cut } from "../../markup/cut.ts";
import type { Html } from "../../markup/html.ts";
import { renderInline } from "../../markup/markdown.ts";
import { type SchemaRow, toSchemaRow, toSchemaTable } from "./schema-rows.ts";

const INDENT_MAX = 5; // as many steps as the style has
const DESCRIPTION_CHARS_MAX = 1_000;

/** How many rows a page may still have, and how many characters their descriptions. */
export type RowBudget = { rowsLeft: number; rowCharsLeft: number };

const REST = html`<p class="note">The rest is in the document.</p>`;

/** A JSON Schema as a table of its properties. */
export function renderSchema(schema: unknown, budget: RowBudget): Html {
  if (budget.rowsLeft <= 0) return REST;
  const { about, rows, isCut } = toSchemaTable(schema);
  const shown = takeRows(rows, budget);
  return html`${about === null ? "" : html`<p>${renderText(about, budget)}</p>`}<table>
<thead><tr><th>Name</th><th>Type</th><th>Description</th></tr></thead>
<tbody>${shown.map((row) => renderRow(row, budget))}</tbody>
</table>${isCut || shown.length < rows.length ? REST : ""}`;
}

/** What fills in the parameters of an address, in one row each. */
export function renderParameters(parameters: { name: string; schema: unknown }[], budget: RowBudget): Html {
  const shown = takeRows(parameters, budget).map(({ name, schema }) => toSchemaRow(`{${name}}`, schema ?? ANY_TEXT));
  return html`<table>
<thead><tr><th>Parameter</th><th>Type</th><th>Description</th></tr></thead>
<tbody>${shown.map((row) => renderRow(row, budget))}</tbody>
</table>${shown.length < parameters.length ? REST : ""}`;
}

const ANY_TEXT = { type: "string" };

function takeRows<T>(rows: T[], budget: RowBudget): T[] {
  const shown = rows.slice(0, Math.max(0, budget.rowsLeft));
  budget.rowsLeft -= shown.length;
  return shown;
}

function renderRow({ depth, name, type, isRequired, description, rules }: SchemaRow, budget: RowBudget): Html {
  const indent = depth === 0 ? "" : `d${Math.min(depth, INDENT_MAX)}`;
  return html`<tr class="${indent}"><td><code>${name}</code>${isRequired ? html` <span class="required">required</span>` : ""}</td>
<td>${type}</td>
<td>${description === null ? "" : html`<p>${renderText(description, budget)}</p>`}${
    rules.length === 0 ? "" : html`<p class="rules">${rules.join(" · ")}</p>`
  }</td></tr>`;
}

/** One description may stand in each row of a page: all of them together have a bound. */
function renderText(text: string, budget: RowBudget): Html {
  const shown = cut(text, Math.min(DESCRIPTION_CHARS_MAX, Math.max(0, budget.rowCharsLeft)));
  budget.rowCharsLeft -= shown.length;
  return renderInline(shown);
}
