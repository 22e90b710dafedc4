// @ts-check
/** A condition as it was judged. */
import { OUTCOME_MARKS, html, t, textOr } from "../../lib/ui.js";
import { fieldOf, operatorName } from "../../lib/vocabulary.js";

/** A condition clause by clause, with the value that was found. @param {{verdict: any, content: any}} props */
export function Clauses({ verdict, content }) {
  if (!verdict?.clauses?.length) return null;
  return html`<ul class="clauses">${verdict.clauses.map((/** @type {any} */ clause, /** @type {number} */ index) => html`<li key=${index} class=${clause.outcome}>
    <span aria-hidden="true">${OUTCOME_MARKS[clause.outcome]} </span>
    ${fieldOf(content, clause.field).label} ${operatorName(clause.op)}${clause.wanted ? ` ${clause.wanted}` : ""}: ${t("found value", { value: clause.found ?? t("nothing") })} <span class="unseen">${textOr(`outcome ${clause.outcome}`, "")}</span>
  </li>`)}</ul>`;
}
