// @ts-check
/** What the whole pipeline has: name, senders, fields, people, calendar and mail templates. */
import { useState } from "../../vendor/preact.js";
import { html, t } from "../../lib/ui.js";
import { sendersOf } from "./fields.js";
import { ListOf, Pairs } from "./lists.js";
import { put, slug } from "./model.js";
import { Side } from "./panel.js";
import { Row } from "./setting.js";

const TYPES = ["text", "number", "money", "date", "datetime", "choice", "user", "bool", "list"];

/** @param {{desk: import("./desk.js").Desk}} props */
export function PipelinePanel({ desk }) {
  const content = desk.draft.content.value;
  const problems = desk.found.value.filter((/** @type {any} */ one) => one.stage === null);
  const errors = (/** @type {string} */ name) => problems.filter((/** @type {any} */ one) => one.field[0] === name);
  const set = (/** @type {string[]} */ path) => (/** @type {any} */ value) => desk.draft.edit(t("ed.done set", { label: t(`ed.has ${path[0]}`), name: t("pipeline") }), (whole) => put(whole, path, value), path.join("."));
  const line = (/** @type {string} */ name, /** @type {any} */ more = {}) => html`<${Row} label=${t(`ed.has ${name}`)} help=${t(`ed.has ${name} help`)} errors=${errors(name)} path=${name}>
    ${(/** @type {any} */ rest) => html`<input class="input" value=${content[name] ?? ""} onInput=${(/** @type {any} */ event) => set([name])(event.target.value || undefined)} ...${more} ...${rest} />`}<//>`;
  const group = (/** @type {string} */ name, /** @type {any} */ inner) => html`<${Row} label=${t(`ed.has ${name}`)} help=${t(`ed.has ${name} help`)} errors=${errors(name)} path=${name} group>${() => inner}<//>`;
  const calendar = content.calendar ?? {};
  const plain = (/** @type {string} */ one) => one;
  return html`<${Side} desk=${desk} close=${() => desk.openShow(null)} title=${t("ed.pipeline settings")} label=${t("ed.pipeline settings")}>
    <fieldset class="form" disabled=${Boolean(desk.locked)}>
      ${line("name", { placeholder: content.pipeline })}
      ${line("time_zone", { placeholder: "UTC" })}
      ${line("language", { placeholder: "en" })}
      ${group("senders", html`<${ListOf} value=${sendersOf(content)} choices=${[]} label=${t("ed.has senders")} say=${plain} free freeHint="Acme <contracts@acme.example>" change=${set(["senders"])} />`)}
      ${group("fields", html`<${Fields} value=${content.fields} change=${set(["fields"])} />`)}
      ${group("groups", html`<${Pairs} value=${content.groups} change=${set(["groups"])} label=${t("ed.has groups")} keyLabel=${t("ed.group name")} valueLabel=${t("ed.members")}
        draw=${(/** @type {string} */ _, /** @type {any} */ value, /** @type {any} */ change) => html`<div><${ListOf} value=${value ?? []} choices=${[]} label=${t("ed.members")} say=${plain} free change=${(/** @type {any} */ next) => change(next ?? [])} /></div>`} />`)}
      ${group("supervisors", html`<${Pairs} value=${content.supervisors} change=${set(["supervisors"])} label=${t("ed.has supervisors")} keyLabel=${t("ed.address")} valueLabel=${t("ed.supervisor")} />`)}
      ${group("hours", html`<${Pairs} value=${calendar.hours ?? { "mon-fri": "09:00-18:00" }} change=${set(["calendar", "hours"])} label=${t("ed.has hours")} keyLabel="mon-fri" valueLabel="09:00-18:00" />`)}
      ${group("holidays", html`<${ListOf} value=${[calendar.holidays ?? []].flat()} choices=${[]} label=${t("ed.has holidays")} say=${plain} free freeHint="DE-BY" change=${set(["calendar", "holidays"])} />`)}
      ${group("days_off", html`<${ListOf} value=${calendar.days_off ?? []} choices=${[]} label=${t("ed.has days_off")} say=${plain} free freeHint="12-24" change=${set(["calendar", "days_off"])} />`)}
      ${group("mail_templates", html`<${Templates} value=${content.mail_templates} change=${set(["mail_templates"])} />`)}
      <${Row} label=${t("ed.has signature")} help=${t("ed.has signature help")} errors=${errors("signature")} path="signature">${(/** @type {any} */ rest) => html`<textarea class="input area" rows="3" value=${content.signature?.text ?? ""} onInput=${(/** @type {any} */ event) => set(["signature", "text"])(event.target.value || undefined)} ...${rest}></textarea>`}<//>
      <${Row} label=${t("ed.has task_mail")} help=${t("ed.has task_mail help")} errors=${errors("task_mail")} path="task_mail">${(/** @type {any} */ rest) => html`<label class="switch"><input type="checkbox" checked=${content.task_mail === true} onChange=${(/** @type {any} */ event) => set(["task_mail"])(event.target.checked || undefined)} ...${rest} /> <span>${t(content.task_mail ? "ed.on" : "ed.off")}</span></label>`}<//>
      <p class="dim">${t("ed.rest in yaml")}</p>
    </fieldset>
  <//>`;
}

/** The pipeline's own fields. @param {{value: any, change: (value: any) => void}} props */
function Fields({ value, change }) {
  const [name, type] = useState("");
  const rows = Object.entries(value ?? {});
  const set = (/** @type {string} */ id, /** @type {any} */ spec) => change(Object.fromEntries(rows.map(([one, old]) => [one, one === id ? spec : old])));
  function add() {
    const id = slug(name).replaceAll("-", "_").replace(/^[0-9_]+/, "");
    if (!id || (value ?? {})[id]) return;
    change({ ...value, [id]: { type: "text", ...(name !== id ? { label: name } : {}) } });
    type("");
  }
  return html`<div class="pairs">
    ${rows.map(([id, spec]) => html`<div class="spec" key=${id}>
      <input class="input" aria-label=${t("ed.label of field", { id })} value=${spec?.label ?? ""} placeholder=${id} onInput=${(/** @type {any} */ event) => set(id, withOr(spec, "label", event.target.value))} />
      <select class="input" aria-label=${t("ed.type of field", { id })} value=${spec?.type ?? "text"} onChange=${(/** @type {any} */ event) => set(id, withOr({ ...spec, type: event.target.value }, "options", event.target.value === "choice" ? spec.options ?? [] : ""))}>
        ${TYPES.map((one) => html`<option key=${one} value=${one}>${t(`ed.type ${one}`)}</option>`)}</select>
      <button type="button" class="more" aria-label=${t("ed.remove it", { what: spec?.label || id })} onClick=${() => change(rows.length === 1 ? undefined : Object.fromEntries(rows.filter(([one]) => one !== id)))}>×</button>
      ${spec?.type === "choice" ? html`<div class="wide"><${ListOf} value=${spec.options ?? []} choices=${[]} label=${t("ed.options of field", { id })} say=${(/** @type {string} */ one) => one} free freeHint=${t("ed.value")} change=${(/** @type {any} */ options) => set(id, { ...spec, options: options ?? [] })} /></div>` : null}
    </div>`)}
    <div class="row free"><input class="input" aria-label=${t("ed.new field")} placeholder=${t("ed.new field")} value=${name} onInput=${(/** @type {any} */ event) => type(event.target.value)} onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      add();
    }} /><button type="button" class="button" onClick=${add}>${t("add")}</button></div>
  </div>`;
}
/** @param {any} spec @param {string} name @param {any} value */
function withOr(spec, name, value) {
  const { [name]: _, ...rest } = spec ?? {};
  return value === "" ? rest : { ...rest, [name]: value };
}

/** Mail templates by id. @param {{value: any, change: (value: any) => void}} props */
const Templates = ({ value, change }) => html`<${Pairs} value=${value} change=${change} label=${t("ed.has mail_templates")} keyLabel=${t("ed.id")} valueLabel=${t("text")}
  draw=${(/** @type {string} */ id, /** @type {any} */ one, /** @type {any} */ put) => html`<div>
    <input class="input" aria-label=${`${id}: ${t("ed.subject")}`} placeholder=${t("ed.subject")} value=${one?.subject ?? ""} onInput=${(/** @type {any} */ event) => put(withOr(one, "subject", event.target.value))} />
    <textarea class="input area" rows="3" aria-label=${`${id}: ${t("text")}`} placeholder=${t("text")} value=${one?.text ?? ""} onInput=${(/** @type {any} */ event) => put(withOr(one, "text", event.target.value))}></textarea>
  </div>`} />`;
