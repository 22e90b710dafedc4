// @ts-check
/** A condition as it was judged. */
import { OUTCOME_MARKS, html, t, told } from "../../lib/ui.js";
import { fieldOf, operatorName } from "../../lib/vocabulary.js";

/** A condition clause by clause, with the value that was found. @param {{verdict: any, content: any}} props */
export function Clauses({ verdict, content }) {
  if (!verdict?.clauses?.length) return null;
  return html`<ul class="clauses">${verdict.clauses.map((/** @type {any} */ one, /** @type {number} */ index) => html`<li key=${index} class=${one.outcome}>
    <span aria-hidden="true">${OUTCOME_MARKS[one.outcome]} </span>
    ${fieldOf(content, one.field).label} ${operatorName(one.op)}${one.wanted ? ` ${one.wanted}` : ""}: ${t("found value", { value: one.found ?? t("nothing") })} <span class="unseen">${told(`outcome ${one.outcome}`, "")}</span>
  </li>`)}</ul>`;
}
