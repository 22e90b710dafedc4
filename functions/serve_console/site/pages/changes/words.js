// @ts-check
/** Conditions and times of a pipeline as sentences. */
import { OUTCOME_MARKS, html, shown, t, told } from "../../lib/ui.js";

const GROUPS = ["all", "any", "none"];
const UNITS = ["seconds", "minutes", "hours", "days", "weeks", "months", "working_hours", "working_days"];

/** "amount is greater than 5000, and (currency is EUR, or number is set)". @param {any} condition @param {boolean} [inner] @returns {string} */
export function conditionText(condition, inner = false) {
  if (!condition || typeof condition !== "object") return shown(condition);
  if (condition.field !== undefined) {
    const value = condition.value === undefined || condition.value === null ? "" : ` ${valueText(condition.value)}`;
    return `${told(condition.field, condition.field)} ${told(`op ${condition.op}`, condition.op ?? "")}${value}`;
  }
  const given = GROUPS.filter((one) => Array.isArray(condition[one]));
  const texts = given.map((one) => {
    const parts = condition[one].map((/** @type {any} */ other) => conditionText(other, true));
    if (one === "none") return t("none of these", { parts: parts.join(t("or between")) });
    return parts.join(t(one === "all" ? "and between" : "or between"));
  });
  const text = texts.join(t("and between"));
  return inner && (given.length > 1 || (given[0] !== "none" && condition[given[0]]?.length > 1)) ? `(${text})` : text;
}
/** @param {any} value */
function valueText(value) {
  if (value && typeof value === "object" && !Array.isArray(value)) return spanText(value);
  return shown(value);
}

/** "3 working days". @param {any} span */
function spanText(span) {
  const unit = UNITS.find((one) => span?.[one]);
  return unit ? t(`span ${unit}`, { n: Number(span[unit]) }) : JSON.stringify(span);
}

/** "3 working days after its turn, at 09:00, in business hours". @param {any} time */
export function timeText(time) {
  if (!time || typeof time !== "object") return t("at once");
  const { after, before, on, at } = time;
  return [
    after ? (after.field ? t("after field", { span: spanText(after), field: told(after.field, after.field) }) : t("after its turn", { span: spanText(after) })) : "",
    before ? t("before field", { span: spanText(before), field: told(before.field, before.field ?? "") }) : "",
    on ? t("on field", { field: told(on.field, on.field ?? "") }) : "",
    at ? t("at clock", { time: at }) : "",
    time.working_hours ? t("in business hours") : "",
  ].filter(Boolean).join(", ") || t("at once");
}

/** A condition clause by clause, with the value that was found. @param {{verdict: any}} props */
export function Clauses({ verdict }) {
  if (!verdict?.clauses?.length) return null;
  return html`<ul class="clauses">${verdict.clauses.map((/** @type {any} */ one, /** @type {number} */ index) => html`<li key=${index} class=${one.outcome}>
    <span aria-hidden="true">${OUTCOME_MARKS[one.outcome]} </span>
    ${told(one.field, one.field)} ${told(`op ${one.op}`, one.op)}${one.wanted ? ` ${one.wanted}` : ""}: ${t("found value", { value: one.found ?? t("nothing") })} <span class="unseen">${told(`outcome ${one.outcome}`, "")}</span>
  </li>`)}</ul>`;
}
