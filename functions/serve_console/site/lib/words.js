// @ts-check
/** Conditions and times of a pipeline as sentences. */
import { number, shown, t, wordList } from "./ui.js";
import { fieldOf, operatorName, takes } from "./vocabulary.js";

export const UNITS = ["working_days", "days", "weeks", "months", "working_hours", "hours", "minutes", "seconds"];

// --- conditions

/** The group a condition is: its word and its members; null for a clause. @param {any} condition @returns {{word: "all" | "any" | "none", members: any[]} | null} */
export function groupOf(condition) {
  const word = /** @type {const} */ (["all", "any", "none"]).find((op) => Array.isArray(condition?.[op]));
  return word ? { word, members: condition[word] } : null;
}

/** A condition as a sentence, with brackets where it needs them. @param {any} condition @param {any} content The pipeline's, for what its fields are called. @param {boolean} [inner] @returns {string} */
export function conditionText(condition, content, inner = false) {
  if (!condition || typeof condition !== "object") return "";
  const group = groupOf(condition);
  if (!group) return clauseText(condition, content);
  const parts = group.members.map((member) => conditionText(member, content, true)).filter(Boolean);
  if (!parts.length) return "";
  if (group.word === "none") return t("none of these", { parts: wordList(parts, "disjunction") });
  const text = wordList(parts, group.word === "all" ? "conjunction" : "disjunction");
  return inner && parts.length > 1 ? `(${text})` : text;
}

/** @param {any} clause @param {any} content */
function clauseText({ field, op, value }, content) {
  if (!field) return t("condition open");
  const info = fieldOf(content, field);
  return [info.label, operatorName(op ?? "…"), valueText(value, op, info)].filter(Boolean).join(" ");
}

/** @param {any} value @param {string} op @param {import("./vocabulary.js").FieldInfo} info @returns {string} */
export function valueText(value, op, info) {
  if (takes(op) === "nothing") return "";
  if (value === undefined || value === null || value === "") return "…";
  if (op === "between" && Array.isArray(value)) return t("two values", { low: singleText(value[0], info), high: singleText(value[1], info) });
  if (Array.isArray(value)) return wordList(value.map((inner) => singleText(inner, info)), op === "has_all" ? "conjunction" : "disjunction");
  if (typeof value === "object") return spanText(value);
  return singleText(value, info);
}
/** @param {any} value @param {import("./vocabulary.js").FieldInfo} info @returns {string} */
function singleText(value, info) {
  if (value === undefined || value === null || value === "") return "…";
  if (Array.isArray(value)) return wordList(value.map(String));
  if (typeof value === "number") return number(value);
  return info.options?.find((option) => option.value === value)?.label ?? shown(value);
}

// --- times

/** "3 working days". @param {any} span */
export function spanText(span) {
  const unit = UNITS.find((name) => span?.[name] !== undefined && span[name] !== null);
  return unit ? t(`span ${unit}`, { n: Number(span[unit]) }) : "…";
}

/** When, as a sentence: "3 working days after Arrival, at 09:00". Without `turn` it counts from the turn of whatever waits. @param {any} time @param {any} content @param {string} [turn] What it is counted from unless a field is named. */
export function timeText(time, content, turn) {
  const atOnce = turn ? t("time at once after", { turn }) : t("time at once");
  if (!time || typeof time !== "object") return atOnce;
  const { after, before, on, at, working_hours } = time;
  const label = (/** @type {string} */ id) => (id ? fieldOf(content, id).label : "…");
  const from = after?.field ? label(after.field) : turn;
  const parts = [];
  if (after) parts.push(from ? t("time after", { span: spanText(after), from }) : t("time after turn", { span: spanText(after) }));
  else if (before) parts.push(t("time before", { span: spanText(before), from: label(before.field) }));
  else if (on) parts.push(t("time on", { from: label(on.field) }));
  if (at) parts.push(t(parts.length ? "time at" : "time next", { at }));
  if (working_hours) parts.push(t("time working"));
  return parts.join(", ") || atOnce;
}
