// @ts-check
/** What conditions and texts are put together of: fields, operators and template variables, by the API's catalogue and a pipeline's own. */
import { signal } from "../vendor/preact.js";
import { get } from "./api.js";
import { translated } from "./ui.js";

/** @typedef {"text" | "number" | "money" | "date" | "datetime" | "choice" | "user" | "bool" | "list"} Type */
/** @typedef {{id: string, type: Type, label: string, options?: {value: string, label: string}[], group: "own" | "document" | "event", editable: boolean}} FieldInfo */
/** @typedef {{insert: string, label: string, group: string}} Variable */
/** @typedef {"nothing" | "one" | "two" | "several" | "span" | "group"} Takes */

/** Null until it is there. */
const vocabulary = signal(/** @type {any} */ (null));
/** @type {Promise<void> | null} */
let loading = null;

/** Asked for once; what is asked before it is there has the names of fields and operators as they are written. */
export function learnVocabulary() {
  loading ??= get("/catalogue/vocabulary").then(
    (found) => void (vocabulary.value = found),
    (error) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

// --- fields

/** @param {any} value @returns {value is Record<string, any>} */
const mapping = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
/** @param {string} id @param {any} spec @returns {FieldInfo} */
const ownField = (id, spec) => ({
  id, type: spec?.type ?? "text", label: spec?.label || id, group: "own", editable: true,
  options: spec?.type === "choice" ? (spec.options ?? []).map((/** @type {string} */ one) => ({ value: one, label: one })) : undefined,
});
/** @param {any} row @param {any} content @returns {FieldInfo} */
function builtIn({ field, type, label, group, editable, options }, content) {
  const choices = options.length ? options.map((/** @type {any} */ one) => ({ value: one.value, label: translated(one.label) })) : stages(content);
  return { id: field, type, label: translated(label), group, editable, options: type === "choice" ? choices : undefined };
}
/** @param {any} content */
const stages = (content) => (Array.isArray(content?.stages) ? content.stages : []).filter(mapping).map((/** @type {any} */ one) => ({ value: one.id, label: one.name || one.id }));

/** All fields, the pipeline's own first. @param {any} content @param {boolean} [events] With those that only triggers know. @returns {FieldInfo[]} */
export function fieldsOf(content, events = false) {
  const own = mapping(content?.fields) ? Object.entries(content.fields).map(([id, spec]) => ownField(id, spec)) : [];
  const built = (vocabulary.value?.fields ?? []).filter((/** @type {any} */ one) => events || one.group !== "event");
  return [...own, ...built.map((/** @type {any} */ one) => builtIn(one, content))];
}
/** @param {any} content @param {string} id @returns {FieldInfo} */
export function fieldOf(content, id) {
  const own = mapping(content?.fields) ? content.fields[id] : undefined;
  if (own) return ownField(id, own);
  const row = vocabulary.value?.fields.find((/** @type {any} */ one) => one.field === id);
  return row ? builtIn(row, content) : { id, type: "text", label: id, group: "document", editable: false };
}
/** @param {any} content */
export const datesOf = (content) => fieldsOf(content).filter((one) => one.type === "date" || one.type === "datetime");
/** What a person may write into. @param {any} content */
export const writableOf = (content) => fieldsOf(content).filter((one) => one.editable);
/** The title of a group of fields or variables. @param {string} group @returns {string} */
export const groupTitle = (group) => translated(vocabulary.value?.groups.find((/** @type {any} */ one) => one.group === group)?.title) || group;

// --- operators

/** @param {string} op */
const operator = (op) => vocabulary.value?.operators.find((/** @type {any} */ one) => one.operator === op);
/** The operators that fields of a type are compared by, the most usual first. @param {string} type @returns {string[]} */
export const operatorsOf = (type) => vocabulary.value?.types.find((/** @type {any} */ one) => one.type === type)?.operators ?? [];
/** What people read of an operator. @param {string} op @returns {string} */
export const operatorName = (op) => translated(operator(op)?.label) || op;
/** What an operator compares with. @param {string} op @returns {Takes} */
export const takes = (op) => operator(op)?.takes ?? "one";

// --- template variables

/** What a text of a rule can insert. @param {any} content @param {string} kind The rule's. @returns {Variable[]} */
export function variablesOf(content, kind) {
  const own = fieldsOf(content).filter((one) => one.group === "own").map((one) => ({ insert: inserted(one), label: one.label, group: groupTitle("own") }));
  const listed = (vocabulary.value?.variables ?? []).filter((/** @type {any} */ one) => !one.kinds.length || one.kinds.includes(kind));
  const rows = listed.map((/** @type {any} */ one) => ({ insert: one.insert, label: translated(one.label), group: groupTitle(one.group) }));
  const first = listed.findIndex((/** @type {any} */ one) => one.group === "document");
  return [...rows.slice(0, first), ...own, ...rows.slice(first)];
}
/** @param {FieldInfo} field */
const inserted = ({ id, type }) => (vocabulary.value?.types.find((/** @type {any} */ one) => one.type === type)?.insert ?? "document.{field}").replace("{field}", id);
