// @ts-check
/** Conditions with their brackets: all, any or none of clauses and of conditions within. */
import { html, t } from "../../lib/ui.js";
import { groupTitle, operatorName, operatorsOf, takes } from "../../lib/vocabulary.js";
import { fieldOf, fieldsOf, groupsOf, usersOf } from "./fields.js";
import { ListOf } from "./lists.js";
import { Span } from "./timing.js";
import { Value } from "./widgets.js";
import { conditionText, groupOf } from "./words.js";

const REACHES = ["days", "weeks", "months", "working_days", "working_hours"];
const NEW = { field: "", op: "equals" };

/** Which of the errors stand at a clause of the condition, and which do not. @param {any} condition @param {any[]} errors */
export function looseErrors(condition, errors) {
  const clauses = pathsOf(condition, ["condition"]);
  return errors.filter((error) => !clauses.some((path) => within(error.field, path)));
}
/** @param {any} condition @param {string[]} path @returns {string[][]} */
function pathsOf(condition, path) {
  const group = groupOf(condition);
  if (!group) return condition ? [path] : [];
  return group.members.flatMap((member, n) => pathsOf(member, [...path, group.word, String(n)]));
}
const within = (/** @type {string[]} */ field, /** @type {string[]} */ path) => path.every((part, n) => field[n] === part);

/** @param {{condition: any, change: (condition: any) => void, content: any, events: boolean, errors?: any[]}} props */
export function ConditionBuilder({ condition, change, content, events, errors = [] }) {
  if (!condition) {
    return html`<p class="dim">${t(events ? "ed.fires for all" : "ed.runs for all")}</p>
      <button type="button" class="button" onClick=${() => change({ all: [{ ...NEW }] })}>${t("ed.add condition")}</button>`;
  }
  const root = groupOf(condition) ? condition : { all: [condition] };
  return html`<div class="brackets"><${Group} group=${root} change=${(/** @type {any} */ next) => change(next && groupOf(next)?.members.length ? next : undefined)} content=${content} events=${events} depth=${1} errors=${errors} path=${groupOf(condition) ? ["condition"] : null} /></div>
    <p class="dim sentence" aria-live="polite">${t("ed.only if", { only: conditionText(condition, content) })}</p>`;
}

/** @param {{group: any, change: (group: any) => void, content: any, events: boolean, depth: number, errors: any[], path: string[] | null}} props `path` is null where a clause stands for a group of it. */
function Group({ group, change, content, events, depth, errors, path }) {
  const { word, members } = /** @type {any} */ (groupOf(group));
  const set = (/** @type {any[]} */ next) => change(next.length ? { [word]: next } : undefined);
  const replaced = (/** @type {number} */ index) => (/** @type {any} */ next) =>
    set(next === undefined ? members.filter((/** @type {any} */ _, /** @type {number} */ n) => n !== index) : members.map((/** @type {any} */ member, /** @type {number} */ n) => (n === index ? next : member)));
  return html`<div class=${`bracket ${word}`} role="group" aria-label=${t(`ed.of ${word}`)}>
    <p class="row"><select class="say" aria-label=${t("ed.joined by")} value=${word} onChange=${(/** @type {any} */ event) => change({ [event.target.value]: members })}>
      ${["all", "any", "none"].map((mode) => html`<option key=${mode} value=${mode}>${t(`ed.of ${mode}`)}</option>`)}
    </select>${depth > 1 ? html`<span class="grow"></span><button type="button" class="more" aria-label=${t("ed.remove bracket")} title=${t("ed.remove bracket")} onClick=${() => change(undefined)}>×</button>` : null}</p>
    <ul>${members.map((/** @type {any} */ member, /** @type {number} */ index) => html`<li key=${index}>${groupOf(member)
      ? html`<${Group} group=${member} change=${replaced(index)} content=${content} events=${events} depth=${depth + 1} errors=${errors} path=${[...(path ?? []), word, String(index)]} />`
      : html`<${Clause} clause=${member} change=${replaced(index)} content=${content} events=${events} number=${index + 1} errors=${errors.filter((error) => within(error.field, path ? [...path, word, String(index)] : ["condition"]))} />`}</li>`)}</ul>
    <p class="row"><button type="button" class="link" onClick=${() => set([...members, { ...NEW }])}>${t("ed.add clause")}</button>
      <button type="button" class="link" onClick=${() => set([...members, { [word === "any" ? "all" : "any"]: [{ ...NEW }] }])}>${t("ed.add bracket")}</button></p>
  </div>`;
}

/** @param {{clause: any, change: (clause: any) => void, content: any, events: boolean, number: number, errors: any[]}} props */
function Clause({ clause, change, content, events, number, errors }) {
  const info = fieldOf(content, clause.field);
  const fields = fieldsOf(content, events);
  const ops = operatorsOf(info.type);
  const label = (/** @type {string} */ key) => t("ed.clause part", { n: number, part: key });
  function choose(/** @type {string} */ field) {
    const type = fieldOf(content, field).type;
    const op = operatorsOf(type).includes(clause.op) && clause.op !== "equals" ? clause.op : operatorsOf(type)[0];
    change(type === info.type ? { field, op: clause.field ? clause.op : op, ...(clause.value === undefined || clause.value === null ? {} : { value: clause.value }) } : { field, op });
  }
  function operate(/** @type {string} */ op) {
    const value = clause.value;
    if (takes(op) === takes(clause.op)) change({ ...clause, op });
    else if (takes(op) === "several" && takes(clause.op) === "one" && value !== undefined) change({ field: clause.field, op, value: [value] });
    else if (takes(op) === "span") change({ field: clause.field, op, value: { days: 30 } });
    else change({ field: clause.field, op });
  }
  const groups = ["own", "document", "event"].map((group) => [group, groupTitle(group)]);
  return html`<div class="clause">
    <select class="say" aria-label=${label(t("ed.field"))} value=${clause.field ?? ""} onChange=${(/** @type {any} */ event) => choose(event.target.value)}>
      ${clause.field ? null : html`<option value="">${t("ed.choose field")}</option>`}
      ${clause.field && !fields.some((field) => field.id === clause.field) ? html`<option value=${clause.field}>${t("ed.not there", { what: clause.field })}</option>` : null}
      ${groups.map(([group, title]) => {
        const some = fields.filter((field) => field.group === group);
        return some.length ? html`<optgroup key=${group} label=${title}>${some.map((field) => html`<option key=${field.id} value=${field.id}>${field.label}</option>`)}</optgroup>` : null;
      })}
    </select>
    ${clause.field ? html`<select class="say" aria-label=${label(t("ed.operator"))} value=${clause.op} onChange=${(/** @type {any} */ event) => operate(event.target.value)}>
      ${ops.includes(clause.op) ? null : html`<option value=${clause.op}>${operatorName(clause.op)}</option>`}
      ${ops.map((operator) => html`<option key=${operator} value=${operator}>${operatorName(operator)}</option>`)}
    </select>
    <${Wanted} clause=${clause} info=${info} content=${content} label=${label(t("ed.value"))} change=${(/** @type {any} */ value) => change(value === undefined ? (({ value: _, ...rest }) => rest)(clause) : { ...clause, value })} />` : null}
    <button type="button" class="more" aria-label=${t("ed.remove clause", { n: number })} title=${t("ed.remove clause", { n: number })} onClick=${() => change(undefined)}>×</button>
    ${errors.length ? html`<ul class="errors">${errors.map((problem) => html`<li class=${problem.severity}>${clause.field ? problem.text : t("ed.choose field error")}</li>`)}</ul>` : null}
  </div>`;
}

/** What the field is compared with. @param {any} props */
function Wanted({ clause: { op, value }, info, content, label, change }) {
  const rest = { "aria-label": label };
  if (takes(op) === "nothing") return null;
  if (takes(op) === "group") return html`<select class="say" value=${value ?? ""} onChange=${(/** @type {any} */ event) => change(event.target.value || undefined)} ...${rest}>
    <option value="">${t("ed.choose one")}</option>${groupsOf(content).map((group) => html`<option key=${group} value=${group}>${group}</option>`)}</select>`;
  if (takes(op) === "span") return html`<${Span} span=${value} change=${change} label=${label} units=${REACHES} />`;
  if (takes(op) === "two") {
    const [low, high] = Array.isArray(value) ? value : [];
    return html`<${Value} info=${info} value=${low} change=${(/** @type {any} */ bound) => change([bound ?? null, high ?? null])} rest=${{ "aria-label": `${label}: ${t("ed.low")}` }} />
      ${t("ed.and word")} <${Value} info=${info} value=${high} change=${(/** @type {any} */ bound) => change([low ?? null, bound ?? null])} rest=${{ "aria-label": `${label}: ${t("ed.high")}` }} />`;
  }
  if (takes(op) === "several") return html`<${Several} info=${info} value=${value} content=${content} label=${label} change=${change} />`;
  if (info.type === "list") return html`<${Several} info=${info} value=${value} content=${content} label=${label} change=${change} />`;
  return html`<${Value} info=${info} value=${value} change=${change} rest=${rest} />`;
}

/** @param {any} props */
function Several({ info, value, content, label, change }) {
  const numbers = info.type === "number" || info.type === "money";
  const choices = info.options ?? (info.type === "user" ? usersOf(content).map((user) => ({ value: user, label: user })) : []);
  return html`<div class="several"><${ListOf} value=${(value ?? []).map(String)} choices=${choices} label=${label} say=${(/** @type {string} */ text) => text} free freeHint=${t("ed.value")}
    change=${(/** @type {any} */ list) => change(list && (numbers ? list.map((/** @type {string} */ text) => (Number.isFinite(Number(text)) ? Number(text) : text)) : list))} /></div>`;
}
