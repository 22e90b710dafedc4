// @ts-check
/** What settings are edited with, by the widget that the catalogue names. */
import { useEffect, useId, useState } from "../../vendor/preact.js";
import { get, session } from "../../lib/api.js";
import { html, t, textOr, translated, useLive } from "../../lib/ui.js";
import { titleOf } from "./catalogue.js";
import { fieldOf, fieldsOf, groupsOf, sendersOf, usersOf, writableOf } from "./fields.js";
import { ListOf, Pairs } from "./lists.js";
import { listOf, nameOf, stagesOf } from "./model.js";
import { Span, Timing } from "./timing.js";
import { TemplateText } from "./template_text.js";
import { recipientText } from "./words.js";
import { ConditionBuilder } from "./condition.js";

/** @typedef {{setting: any, value: any, change: (value: any) => void, around: import("./setting.js").Around, label: string, rest: any}} Props */
/** @typedef {{value: string, label: string}} Choice */

const shownValue = (/** @type {Props} */ { value, setting }) => value ?? setting.default ?? "";
const orNone = (/** @type {string} */ text) => (text === "" ? undefined : text);

/** A line of text; with `choices`, those are offered. @param {Props & {choices?: Choice[], type?: string, pattern?: string}} props */
function Line({ choices, type = "text", ...props }) {
  const list = useId();
  return html`<input class="input" type=${type} value=${props.value ?? ""} placeholder=${props.setting.default ?? ""} list=${choices?.length ? list : undefined} autocomplete="off"
      onInput=${(/** @type {any} */ event) => props.change(orNone(event.target.value))} ...${props.rest} />
    ${choices?.length ? html`<datalist id=${list}>${choices.map((choice) => html`<option key=${choice.value} value=${choice.value}>${choice.label}</option>`)}</datalist>` : null}`;
}
/** @param {Props} props */
function NumberLine({ setting, value, change, rest }) {
  const { minimum, maximum } = setting.json_schema.anyOf?.[0] ?? setting.json_schema;
  return html`<input class="input short" type="number" value=${value ?? ""} placeholder=${setting.default ?? ""} min=${minimum} max=${maximum} step="any"
    onInput=${(/** @type {any} */ event) => change(event.target.value === "" ? undefined : Number(event.target.value))} ...${rest} />`;
}
/** A number, or a text with template variables that comes out as one. @param {Props} props */
const Amount = (props) => html`<${Line} ...${props} value=${props.value} change=${(/** @type {any} */ text) => props.change(text !== undefined && /^\d+(\.\d+)?$/.test(text) && props.setting.json_schema.anyOf?.some((/** @type {any} */ form) => form.type === "number") ? Number(text) : text)} />`;
/** @param {Props} props */
const Switch = (props) => html`<label class="switch"><input type="checkbox" checked=${shownValue(props) === true} onChange=${(/** @type {any} */ event) => props.change(event.target.checked === (props.setting.default ?? false) ? undefined : event.target.checked)} ...${props.rest} />
  <span>${t(shownValue(props) === true ? "ed.on" : "ed.off")}</span></label>`;
/** @param {Props} props */
const Maybe = ({ value, change, rest }) => html`<select class="input" value=${value === undefined || value === null ? "" : String(value)} onChange=${(/** @type {any} */ event) => change(event.target.value === "" ? undefined : event.target.value === "true")} ...${rest}>
  <option value="">${t("ed.not said")}</option><option value="true">${t("yes")}</option><option value="false">${t("no")}</option></select>`;

/** One of some. @param {Props & {choices: Choice[]}} props */
export function Pick({ setting, value, change, rest, choices }) {
  const now = value ?? setting.default ?? "";
  const known = choices.some((choice) => choice.value === now);
  return html`<select class="input" value=${now} onChange=${(/** @type {any} */ event) => change(event.target.value === "" || event.target.value === setting.default ? undefined : event.target.value)} ...${rest}>
    ${now === "" || !setting.required ? (setting.default === null || setting.default === undefined ? html`<option value="">${t(setting.required ? "ed.choose one" : "ed.not said")}</option>` : null) : null}
    ${known || now === "" ? null : html`<option value=${now}>${t("ed.not there", { what: now })}</option>`}
    ${choices.map((choice) => html`<option key=${choice.value} value=${choice.value}>${choice.label}</option>`)}
  </select>`;
}
/** @param {Props} props */
const Select = (props) => html`<${Pick} ...${props} choices=${props.setting.choices.map((/** @type {any} */ choice) => ({ value: choice.value, label: translated(choice.label) }))} />`;

// --- what the pipeline has

/** @param {any} content @returns {Choice[]} */
const stageChoices = (content) => stagesOf(content).map((stage) => ({ value: stage.id, label: nameOf(stage) }));
/** @param {any[]} fields @returns {Choice[]} */
const fieldChoices = (fields) => fields.map((field) => ({ value: field.id, label: field.label }));
/** Rules that a trigger may wait for. @param {Props} props @returns {Choice[]} */
function ruleChoices({ around, setting }) {
  const task = setting.name === "task";
  return stagesOf(around.content).flatMap((stage) => listOf(stage, "rules").filter((rule) => (task ? rule.kind === "create_task" : /mail|notify/.test(rule.kind))).map((rule) => ({ value: rule.id, label: `${titleOf("rules", rule)} (${nameOf(stage)})` })));
}
/** @param {any} content @returns {Choice[]} */
const userChoices = (content) => usersOf(content).map((user) => ({ value: user, label: user }));
/** @param {any} content @returns {Choice[]} */
const groupChoices = (content) => groupsOf(content).map((group) => ({ value: `group:${group}`, label: recipientText(`group:${group}`, content) }));
/** @param {any} content @param {string[]} types @returns {Choice[]} */
const fieldPeople = (content, types) => fieldsOf(content).filter((field) => field.group === "own" && types.includes(field.type)).map((field) => ({ value: `field:${field.id}`, label: recipientText(`field:${field.id}`, content) }));

const TO_SIGNERS = ["client", "company", "unsigned", "unsigned:client", "signers_turn", "signed", "signer:1", "signer:2", "responsible"];
const TO_REMIND = ["client", "company", "unsigned", "signers_turn", "signer:1", "signer:2"];
/** @param {Props} props @returns {Choice[]} */
function recipientChoices({ around: { content, item }, setting }) {
  const words = item.kind === "notify_employees" ? ["responsible", "observers"] : item.kind === "remind_signer" ? TO_REMIND : TO_SIGNERS;
  const named = words.map((word) => ({ value: word, label: recipientText(word, content) }));
  if (item.kind === "notify_employees") return [...named, ...groupChoices(content), ...fieldPeople(content, ["user"]), ...userChoices(content)];
  return item.kind === "remind_signer" || setting.name === "reply_to" ? named : [...named, ...fieldPeople(content, ["text", "user"])];
}

/** @param {(props: Props) => Choice[]} choices @param {any} [how] */
const several = (choices, how = {}) => (/** @type {Props} */ props) => html`<${ListOf} ...${props} choices=${choices(props)} say=${(/** @type {string} */ value) => how.say?.(value, props) ?? value} ...${how} />`;
/** @param {(props: Props) => Choice[]} choices */
const oneOf = (choices) => (/** @type {Props} */ props) => html`<${Pick} ...${props} choices=${choices(props)} />`;

/** A user, the responsible person, their supervisor, or a group. @param {Props} props */
function User(props) {
  const { content } = props.around;
  const words = props.setting.name === "assignee" ? ["responsible", "supervisor"] : ["responsible"];
  const offered = [...words.map((word) => ({ value: word, label: recipientText(word, content) })), ...(props.setting.name === "assignee" ? groupChoices(content) : []), ...fieldPeople(content, ["user"]), ...userChoices(content)];
  const now = props.value ?? props.setting.default ?? "";
  const [free, write] = useState(now !== "" && !offered.some((choice) => choice.value === now));
  return html`<select class="input" value=${free ? "*" : now} onChange=${(/** @type {any} */ event) => {
      write(event.target.value === "*");
      if (event.target.value !== "*") props.change(event.target.value === props.setting.default ? undefined : event.target.value);
    }} ...${props.rest}>
      ${now === "" ? html`<option value="">${t("ed.choose one")}</option>` : null}
      ${offered.map((choice) => html`<option key=${choice.value} value=${choice.value}>${choice.label}</option>`)}
      <option value="*">${t("ed.another address")}</option>
    </select>
    ${free ? html`<input class="input" aria-label=${t("ed.address of", { label: props.label })} value=${offered.some((choice) => choice.value === now) ? "" : now} onInput=${(/** @type {any} */ event) => props.change(orNone(event.target.value))} />` : null}`;
}
/** One sender or several in order of preference. @param {Props} props */
function Sender(props) {
  const { content } = props.around;
  const choices = [...sendersOf(content).filter((sender) => !sender.startsWith("@")), "responsible"].map((sender) => ({ value: sender, label: recipientText(sender, content) }));
  const list = props.value === undefined ? [] : Array.isArray(props.value) ? props.value : [props.value];
  return html`<${ListOf} ...${props} value=${list} choices=${choices} say=${(/** @type {string} */ value) => recipientText(value, content)} free=${t("ed.another address")} ordered=${(/** @type {string} */ text) => props.around.desk.tell(text)}
      change=${(/** @type {any} */ value) => props.change(value?.length === 1 ? value[0] : value)} />
    ${sendersOf(content).length ? null : html`<p class="dim">${t("ed.no senders")} <button type="button" class="link" onClick=${() => props.around.desk.openShow("pipeline")}>${t("ed.pipeline settings")}</button></p>`}`;
}
/** @param {Props} props */
function Secret(props) {
  const prefix = props.setting.name === "to" ? "secret:" : "";
  const mine = session.value?.role === "administrator";
  const live = useLive(() => (mine ? get("/secrets") : Promise.resolve({ items: [] })), [mine], 0);
  const names = (live.value.value?.items ?? []).map((/** @type {any} */ secret) => ({ value: prefix + secret.name, label: secret.name }));
  return html`<${Line} ...${props} choices=${names} />`;
}
/** A field that keeps something, or a number with its country. @param {Props} props */
const Phone = (props) => html`<${Line} ...${props} choices=${fieldPeople(props.around.content, ["text"])} />`;
/** Lines, one for each. @param {Props} props */
function Lines({ value, change, rest }) {
  const [text, type] = useState((value ?? []).join("\n"));
  useEffect(() => {
    if (JSON.stringify(linesOf(text)) !== JSON.stringify(value ?? [])) type((value ?? []).join("\n"));
  }, [value]);
  return html`<textarea class="input area" rows="4" value=${text} onInput=${(/** @type {any} */ event) => {
    type(event.target.value);
    const lines = linesOf(event.target.value);
    change(lines.length ? lines : undefined);
  }} ...${rest}></textarea>`;
}
const linesOf = (/** @type {string} */ text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** Values of any shape: as JSON, or as a text where it is none. @param {Props} props */
function Json({ value, change, rest }) {
  const shown = (/** @type {any} */ raw) => (raw === undefined || raw === null ? "" : typeof raw === "string" ? raw : JSON.stringify(raw, null, 2));
  const [text, type] = useState(shown(value));
  useEffect(() => {
    if (JSON.stringify(read(text)) !== JSON.stringify(value)) type(shown(value));
  }, [value]);
  return html`<textarea class="input area code" rows="5" spellcheck=${false} value=${text} onInput=${(/** @type {any} */ event) => {
    type(event.target.value);
    change(read(event.target.value));
  }} ...${rest}></textarea>`;
}
/** @param {string} text */
function read(text) {
  if (!text.trim()) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A value of a field, as the field's type has it. @param {{info: import("../../lib/vocabulary.js").FieldInfo, value: any, change: (value: any) => void, rest: any}} props */
export function Value({ info, value, change, rest }) {
  const pick = (/** @type {Choice[]} */ choices, read = (/** @type {string} */ text) => /** @type {any} */ (text)) => html`<select class="input" value=${value === undefined || value === null ? "" : String(value)} onChange=${(/** @type {any} */ event) => change(event.target.value === "" ? undefined : read(event.target.value))} ...${rest}>
    <option value="">${t("ed.choose one")}</option>${choices.map((choice) => html`<option key=${choice.value} value=${choice.value}>${choice.label}</option>`)}</select>`;
  if (info.options) return pick(info.options);
  if (info.type === "bool") return pick([{ value: "true", label: t("yes") }, { value: "false", label: t("no") }], (text) => text === "true");
  if (info.type === "number" || info.type === "money") {
    return html`<input class="input short" type="number" step="any" value=${value ?? ""} onInput=${(/** @type {any} */ event) => change(event.target.value === "" ? undefined : Number(event.target.value))} ...${rest} />`;
  }
  const type = info.type === "date" || (info.type === "datetime" && !/T/.test(value ?? "")) ? "date" : "text";
  return html`<input class="input short" type=${type} value=${value ?? ""} onInput=${(/** @type {any} */ event) => change(orNone(event.target.value))} ...${rest} />`;
}
/** The value that a changed field had or got. @param {Props} props */
function FieldValue({ around, value, change, rest }) {
  const [only, ...more] = around.item.settings?.fields ?? [];
  const info = only && !more.length ? fieldOf(around.content, only) : /** @type {any} */ ({ id: "", type: "text", label: "" });
  return html`<${Value} info=${info} value=${value} change=${change} rest=${rest} />`;
}
/** Fields with what they become. @param {Props} props */
const FieldValues = (props) => html`<${Pairs} ...${props} keys=${fieldChoices(writableOf(props.around.content))} keyLabel=${t("ed.field")} valueLabel=${t("ed.new value")}
  draw=${(/** @type {string} */ key, /** @type {any} */ value, /** @type {any} */ change, /** @type {any} */ rest) => html`<${Value} info=${fieldOf(props.around.content, key)} value=${value} change=${(/** @type {any} */ span) => change(span ?? null)} rest=${rest} />`} />`;
/** @param {Props} props */
const FieldPaths = (props) => html`<${Pairs} ...${props} keys=${fieldChoices(writableOf(props.around.content))} keyLabel=${t("ed.field")} valueLabel=${t("ed.place in answer")} />`;
/** @param {Props} props */
const KeyValues = (props) => html`<${Pairs} ...${props} keyLabel=${t("ed.name")} valueLabel=${t("ed.value")} />`;

/** The conditional part: brackets and a sentence. @param {Props} props */
const Condition = ({ value, change, around }) => html`<${ConditionBuilder} condition=${value} change=${change} content=${around.content} events=${around.of === "triggers"} />`;
/** @param {Props} props */
const Time = (props) => html`<${Timing} time=${props.value} change=${props.change} content=${props.around.content} turn=${t(props.setting.name === "deadline" ? "ed.turn made" : "ed.turn arrival")} dated=${props.around.item.kind === "date_reached"} none=${!props.setting.required} />`;
/** @param {Props} props */
const Length = ({ value, change, label }) => html`<p class="spoken"><${Span} span=${value} change=${change} label=${label} none /></p>`;
/** @param {boolean} long @param {boolean} [html_] */
const template = (long, html_ = false) => (/** @type {Props} */ props) => html`<${TemplateText} ...${props} long=${long} code=${html_} />`;

/** @type {Record<string, {draw: (props: any) => any, group?: boolean}>} */
export const WIDGETS = {
  text: { draw: Line },
  url: { draw: template(false) },
  currency: { draw: (/** @type {Props} */ props) => html`<${Line} ...${props} choices=${["EUR", "USD", "GBP", "CHF"].map((currency) => ({ value: currency, label: currency }))} />` },
  number: { draw: NumberLine },
  amount: { draw: Amount },
  switch: { draw: Switch },
  optional_switch: { draw: Maybe },
  select: { draw: Select },
  stage: { draw: oneOf(({ around }) => stageChoices(around.content)) },
  field: { draw: oneOf(({ around }) => fieldChoices(writableOf(around.content))) },
  rule: { draw: oneOf(ruleChoices) },
  mail_template: { draw: oneOf(({ around }) => Object.entries(around.content.mail_templates ?? {}).map(([id, mailTemplate]) => ({ value: id, label: mailTemplate?.name || id }))) },
  stages: { group: true, draw: several(({ around }) => stageChoices(around.content)) },
  fields: { group: true, draw: several(({ around }) => fieldChoices(writableOf(around.content))) },
  recipients: { group: true, draw: several(recipientChoices, { free: true, say: (/** @type {string} */ value, /** @type {Props} */ props) => recipientText(value, props.around.content) }) },
  users: { group: true, draw: several(({ around }) => [...groupChoices(around.content), ...userChoices(around.content)], { free: true, say: (/** @type {string} */ value, /** @type {Props} */ props) => recipientText(value, props.around.content) }) },
  files: { group: true, draw: several(({ setting }) => setting.choices.map((/** @type {any} */ choice) => ({ value: choice.value, label: translated(choice.label) })), { free: true, freeHint: "file:…", say: (/** @type {string} */ value) => textOr(`file ${value}`, value) }) },
  sender: { group: true, draw: Sender },
  user: { draw: User },
  phone: { draw: Phone },
  secret: { draw: Secret },
  lines: { draw: Lines },
  json: { draw: Json },
  key_values: { group: true, draw: KeyValues },
  field_values: { group: true, draw: FieldValues },
  field_paths: { group: true, draw: FieldPaths },
  field_value: { draw: FieldValue },
  duration: { group: true, draw: Length },
  time: { group: true, draw: Time },
  condition: { group: true, draw: Condition },
  template_line: { draw: template(false) },
  template_text: { draw: template(true) },
  template_html: { draw: template(true, true) },
};
