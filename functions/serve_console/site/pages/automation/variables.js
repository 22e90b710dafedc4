// @ts-check
/** What texts can insert, and what it is for a real document. */
import { dayOf, lang, moment, money, number, t, told } from "../../lib/ui.js";
import { fieldsOf } from "./fields.js";

/** @typedef {{insert: string, label: string, group: string}} Variable */

const SIGNER = ["name", "email", "role", "order", "party", "status", "reason"];

/** What a text of a rule can insert. @param {any} content @param {boolean} mail Whether it goes to signers, one by one. @returns {Variable[]} */
export function variablesOf(content, mail) {
  const document = fieldsOf(content).filter((one) => !/^signe/.test(one.id)).map((one) => ({
    insert: withFilter(`document.${one.id}`, one.type), label: one.label, group: t(one.group === "own" ? "ed.fields own" : "ed.fields document"),
  }));
  const person = (/** @type {string} */ who) => SIGNER.map((part) => ({ insert: `${who}.${part}`, label: `${t(`ed.person ${who}`)}: ${t(`ed.signer part ${part}`)}`, group: t(`ed.person ${who}`) }));
  const link = { insert: "signer.signing_link", label: t("ed.signing link"), group: t("ed.person signer") };
  return [
    ...(mail ? [...person("signer"), link] : []),
    ...document,
    ...person("client"),
    ...person("company"),
    { insert: "responsible", label: told("ed.field responsible", ""), group: t("ed.the rest") },
    { insert: "sender.name", label: t("ed.sender name"), group: t("ed.the rest") },
    { insert: "pipeline.name", label: t("pipeline"), group: t("ed.the rest") },
    { insert: "stage.name", label: t("stage"), group: t("ed.the rest") },
    { insert: 'today | date: "%d.%m.%Y"', label: t("ed.today"), group: t("ed.the rest") },
  ];
}
/** @param {string} path @param {string} type */
function withFilter(path, type) {
  if (type === "money") return `${path} | money: document.currency`;
  if (type === "date" || type === "datetime") return `${path} | date: "%d.%m.%Y"`;
  return path;
}

/** @typedef {{text: string, kind: "plain" | "value" | "missing" | "later"}} Piece */

/** A text as it reads for a document; what cannot be told here is left as it is written. @param {string} text @param {any} scope @returns {Piece[]} */
export function rendered(text, scope) {
  return String(text).split(/(\{\{.*?\}\}|\{%.*?%\})/gs).filter(Boolean).map((part) => {
    if (part.startsWith("{%")) return { text: part, kind: "later" };
    if (!part.startsWith("{{")) return { text: part, kind: "plain" };
    return valueOf(part.slice(2, -2).replace(/^-|-$/g, "").trim(), part, scope);
  });
}
/** @param {string} expression @param {string} whole @param {any} scope @returns {Piece} */
function valueOf(expression, whole, scope) {
  const [path, ...filters] = expression.match(/(?:"[^"]*"|'[^']*'|[^|])+/g)?.map((one) => one.trim()) ?? [];
  let value = read(path, scope);
  if (value === LATER) return { text: whole, kind: "later" };
  for (const filter of filters) {
    const [name, given = ""] = filter.split(/:(.*)/s).map((one) => one.trim());
    const apply = FILTERS[name];
    if (!apply) return { text: whole, kind: "later" };
    value = apply(value, read(given.split(",")[0].trim(), scope));
  }
  if (value === undefined || value === null || value === "") return { text: path, kind: "missing" };
  return { text: Array.isArray(value) ? value.join(", ") : String(value), kind: "value" };
}
const LATER = Symbol("only known when it is sent");
/** @param {string} path @param {any} scope @returns {any} */
function read(path, scope) {
  if (!path) return undefined;
  const quoted = path.match(/^"(.*)"$|^'(.*)'$/s);
  if (quoted) return quoted[1] ?? quoted[2];
  if (/^-?\d+(\.\d+)?$/.test(path)) return Number(path);
  if (/\.signing_link$/.test(path)) return LATER;
  return path.split(".").reduce((found, name) => found?.[name], scope);
}
/** @type {Record<string, (value: any, given: any) => any>} */
const FILTERS = {
  default: (value, given) => (value === undefined || value === null || value === "" ? given : value),
  money: (value, given) => (value === undefined || value === null ? value : money(String(value), given ?? null)),
  number: (value) => (value === undefined || value === null ? value : number(Number(value))),
  date: (value) => (value ? (/^\d{4}-\d\d-\d\d$/.test(value) ? dayOf(value) : dayOf(String(value).slice(0, 10))) : value),
  date_time: (value) => (value ? moment(value) : value),
  upcase: (value) => value && String(value).toLocaleUpperCase(lang()),
  downcase: (value) => value && String(value).toLocaleLowerCase(lang()),
  append: (value, given) => (value ?? "") + (given ?? ""),
  prepend: (value, given) => (given ?? "") + (value ?? ""),
};

/** What templates see of a document. @param {any} document @param {any} content @param {any} stage @param {any} rule */
export function scopeOf(document, content, stage, rule) {
  const { envelope, signers, fields, ...rest } = document;
  const acting = signers.filter((/** @type {any} */ one) => one.action !== "copy");
  const of = (/** @type {string} */ party) => acting.find((/** @type {any} */ one) => one.party === party);
  const to = String(rule?.settings?.to ?? "");
  return {
    document: { ...fields, ...rest, fields, status: rest.status, provider: envelope?.provider, connection: envelope?.connection, envelope: envelope?.id, sent: envelope?.sent_at, completed: envelope?.completed_at, expires: envelope?.expires_at, sender: envelope?.sender?.email, reason: envelope?.reason, created: rest.created_at },
    signer: to.includes("company") ? of("company") : of("client") ?? acting[0],
    client: of("client"), company: of("company"), signers,
    responsible: document.responsible, sender: envelope?.sender, pipeline: { id: content.pipeline, name: content.name || content.pipeline, language: content.language },
    stage: { id: stage?.id, name: stage?.name || stage?.id }, rule: { id: rule?.id, name: rule?.name }, today: new Date().toISOString().slice(0, 10), now: new Date().toISOString(),
  };
}
