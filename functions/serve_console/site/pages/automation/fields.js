// @ts-check
/** The fields of documents: which there are in a pipeline, what they hold, and how they are compared. */
import { t, told } from "../../lib/ui.js";
import { nameOf, stagesOf } from "./model.js";

/** @typedef {"text" | "number" | "money" | "date" | "datetime" | "choice" | "user" | "bool" | "list"} Type */
/** @typedef {{id: string, type: Type, label: string, options?: {value: string, label: string}[], group: "own" | "document" | "event"}} FieldInfo */

/** @type {Record<string, Type>} */
const DOCUMENT = {
  amount: "money", currency: "text", title: "text", number: "text", responsible: "user", observers: "list",
  stage: "choice", previous_stage: "choice", moved_by: "user", entry: "number", since: "datetime", created: "datetime",
  status: "choice", reason: "text", provider: "text", connection: "text", envelope: "text", sender: "text", sent: "datetime",
  completed: "datetime", expires: "datetime", files: "list", signers: "list", signers_open: "list", signers_signed: "list",
  signers_declined: "list", signer_count: "number", signed_count: "number",
};
/** @type {Record<string, Type>} */
const EVENT = {
  "event.kind": "text", "event.at": "datetime", "event.authenticity": "choice", "event.signer": "text",
  "event.signer_name": "text", "event.role": "text", "event.order": "number", "event.party": "choice", "event.reason": "text",
  "event.field": "text", "event.old": "text", "event.new": "text",
};
const STATUSES = ["created", "sent", "delivered", "completed", "declined", "voided", "expired", "deleted"];
/** What a person may write into a field. */
const WRITABLE = ["title", "number", "responsible", "observers", "amount", "currency"];

const EVERY = ["is_set", "is_empty", "equals", "differs", "one_of", "none_of"];
const ORDER = ["greater", "at_least", "less", "at_most", "between"];
const WITHIN = ["within_next", "within_last"];
/** @type {Record<Type, string[]>} */
export const OPERATORS = {
  text: ["equals", "differs", "contains", "does_not_contain", "starts_with", "ends_with", "one_of", "none_of", "is_set", "is_empty"],
  number: [...ORDER, ...EVERY],
  money: [...ORDER, ...EVERY],
  date: [...WITHIN, ...ORDER, ...EVERY],
  datetime: [...WITHIN, ...ORDER, ...EVERY],
  choice: ["equals", "differs", "one_of", "none_of", "is_set", "is_empty"],
  user: ["equals", "differs", "in_group", "is_responsible", "one_of", "none_of", "is_set", "is_empty"],
  bool: ["equals", "differs", "is_set", "is_empty"],
  list: ["has_any", "has_all", "has_none", "is_set", "is_empty"],
};
export const WITHOUT_VALUE = ["is_set", "is_empty", "is_responsible"];
export const SEVERAL = ["one_of", "none_of", "has_any", "has_all", "has_none"];

/** All fields, the pipeline's own first. @param {any} content @param {boolean} [events] With those that only triggers know. @returns {FieldInfo[]} */
export function fieldsOf(content, events = false) {
  const own = Object.entries(content?.fields ?? {}).map(([id, spec]) => ({
    id, type: spec?.type ?? "text", label: spec?.label || id, group: /** @type {"own"} */ ("own"),
    options: spec?.type === "choice" ? (spec.options ?? []).map((/** @type {string} */ one) => ({ value: one, label: one })) : undefined,
  }));
  const stages = stagesOf(content).map((one) => ({ value: one.id, label: nameOf(one) }));
  /** @type {Record<string, {value: string, label: string}[]>} */
  const options = {
    stage: stages,
    previous_stage: stages,
    status: STATUSES.map((one) => ({ value: one, label: t(`envelope ${one}`) })),
    "event.party": ["company", "client", "unknown"].map((one) => ({ value: one, label: t(`party ${one}`) })),
    "event.authenticity": ["signed", "shared_secret", "none"].map((one) => ({ value: one, label: t(`ed.proof ${one}`) })),
  };
  const built = Object.entries({ ...DOCUMENT, ...(events ? EVENT : {}) }).map(([id, type]) => ({
    id, type, label: told(`ed.field ${id}`, id), options: options[id], group: /** @type {"document" | "event"} */ (id in EVENT ? "event" : "document"),
  }));
  return [...own, ...built];
}
/** @param {any} content */
export const datesOf = (content) => fieldsOf(content).filter((one) => one.type === "date" || one.type === "datetime");
/** @param {any} content */
export const writableOf = (content) => fieldsOf(content).filter((one) => one.group === "own" || WRITABLE.includes(one.id));
/** @param {any} content @param {string} id @returns {FieldInfo} */
export function fieldOf(content, id) {
  const own = content?.fields?.[id];
  if (own) return { id, type: own.type ?? "text", label: own.label || id, group: "own", options: own.type === "choice" ? (own.options ?? []).map((/** @type {string} */ one) => ({ value: one, label: one })) : undefined };
  return fieldsOf(content, true).find((one) => one.id === id) ?? { id, type: "text", label: id, group: "document" };
}

/** Users that the pipeline knows: of its groups and supervisors. @param {any} content @returns {string[]} */
export function usersOf(content) {
  const groups = Object.values(content?.groups ?? {}).flat();
  const chiefs = Object.entries(content?.supervisors ?? {}).flat();
  return [...new Set([...groups, ...chiefs].filter((one) => typeof one === "string"))].sort();
}
/** @param {any} content @returns {string[]} */
export const groupsOf = (content) => Object.keys(content?.groups ?? {});
/** Addresses that mails may come from. @param {any} content @returns {string[]} */
export const sendersOf = (content) => (Array.isArray(content?.senders) ? content.senders.filter((/** @type {any} */ one) => typeof one === "string") : []);
