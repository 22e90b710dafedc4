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
    (answer) => void (vocabulary.value = answer),
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
  options: spec?.type === "choice" ? (spec.options ?? []).map((/** @type {string} */ option) => ({ value: option, label: option })) : undefined,
});
/** @param {any} row @param {any} content @returns {FieldInfo} */
function builtIn({ field, type, label, group, editable, options }, content) {
  const choices = options.length ? options.map((/** @type {any} */ choice) => ({ value: choice.value, label: translated(choice.label) })) : stages(content);
  return { id: field, type, label: translated(label), group, editable, options: type === "choice" ? choices : undefined };
}
/** @param {any} content */
const stages = (content) => (Array.isArray(content?.stages) ? content.stages : []).filter(mapping).map((/** @type {any} */ stage) => ({ value: stage.id, label: stage.name || stage.id }));

/** All fields, the pipeline's own first. @param {any} content @param {boolean} [events] With those that only triggers know. @returns {FieldInfo[]} */
export function fieldsOf(content, events = false) {
  const own = mapping(content?.fields) ? Object.entries(content.fields).map(([id, spec]) => ownField(id, spec)) : [];
  const built = (vocabulary.value?.fields ?? []).filter((/** @type {any} */ field) => events || field.group !== "event");
  return [...own, ...built.map((/** @type {any} */ field) => builtIn(field, content))];
}
/** @param {any} content @param {string} id @returns {FieldInfo} */
export function fieldOf(content, id) {
  const own = mapping(content?.fields) ? content.fields[id] : undefined;
  if (own) return ownField(id, own);
  const row = vocabulary.value?.fields.find((/** @type {any} */ field) => field.field === id);
  return row ? builtIn(row, content) : { id, type: "text", label: id, group: "document", editable: false };
}
/** @param {any} content */
export const datesOf = (content) => fieldsOf(content).filter((field) => field.type === "date" || field.type === "datetime");
/** What a person may write into. @param {any} content */
export const writableOf = (content) => fieldsOf(content).filter((field) => field.editable);
/** The title of a group of fields or variables. @param {string} group @returns {string} */
export const groupTitle = (group) => translated(vocabulary.value?.groups.find((/** @type {any} */ row) => row.group === group)?.title) || group;

// --- operators

/** @param {string} op */
const operator = (op) => vocabulary.value?.operators.find((/** @type {any} */ row) => row.operator === op);
/** The operators that fields of a type are compared by, the most usual first. @param {string} type @returns {string[]} */
export const operatorsOf = (type) => vocabulary.value?.types.find((/** @type {any} */ row) => row.type === type)?.operators ?? [];
/** What people read of an operator. @param {string} op @returns {string} */
export const operatorName = (op) => translated(operator(op)?.label) || op;
/** What an operator compares with. @param {string} op @returns {Takes} */
export const takes = (op) => operator(op)?.takes ?? "one";

// --- template variables

/** What a text of a rule can insert. @param {any} content @param {string} kind The rule's. @returns {Variable[]} */
export function variablesOf(content, kind) {
  const own = fieldsOf(content).filter((field) => field.group === "own").map((field) => ({ insert: inserted(field), label: field.label, group: groupTitle("own") }));
  const listed = (vocabulary.value?.variables ?? []).filter((/** @type {any} */ variable) => !variable.kinds.length || variable.kinds.includes(kind));
  const rows = listed.map((/** @type {any} */ variable) => ({ insert: variable.insert, label: translated(variable.label), group: groupTitle(variable.group) }));
  const first = listed.findIndex((/** @type {any} */ variable) => variable.group === "document");
  return [...rows.slice(0, first), ...own, ...rows.slice(first)];
}
/** @param {FieldInfo} field */
const inserted = ({ id, type }) => (vocabulary.value?.types.find((/** @type {any} */ row) => row.type === type)?.insert ?? "document.{field}").replace("{field}", id);
