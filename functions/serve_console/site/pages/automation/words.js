// @ts-check
/** What conditions, times, recipients, rules and triggers say, in a sentence. */
import { lang, number, shown, t, told, translated, wordList } from "../../lib/ui.js";
import { rowOf, titleOf } from "./catalogue.js";
import { fieldOf } from "./fields.js";
import { listOf, nameOf, stagesOf } from "./model.js";

export const UNITS = ["working_days", "days", "weeks", "months", "working_hours", "hours", "minutes", "seconds"];


// --- conditions

/** The group a condition is: its word and its members; null for a clause. @param {any} condition @returns {{word: "all" | "any" | "none", members: any[]} | null} */
export function groupOf(condition) {
  const word = /** @type {const} */ (["all", "any", "none"]).find((one) => Array.isArray(condition?.[one]));
  return word ? { word, members: condition[word] } : null;
}

/** A condition as a sentence, with brackets where it needs them. @param {any} condition @param {any} content @param {boolean} [inner] @returns {string} */
export function conditionText(condition, content, inner = false) {
  if (!condition) return "";
  const group = groupOf(condition);
  if (!group) return clauseText(condition, content);
  const parts = group.members.map((one) => conditionText(one, content, true)).filter(Boolean);
  if (!parts.length) return "";
  if (group.word === "none") return t("ed.none of these", { parts: wordList(parts, "disjunction") });
  const text = wordList(parts, group.word === "all" ? "conjunction" : "disjunction");
  return inner && parts.length > 1 ? `(${text})` : text;
}

/** @param {any} clause @param {any} content */
function clauseText({ field, op, value }, content) {
  if (!field) return t("ed.clause open");
  const info = fieldOf(content, field);
  return [info.label, told(`op ${op}`, op ?? "…"), valueText(value, op, info)].filter(Boolean).join(" ");
}

/** @param {any} value @param {string} op @param {import("./fields.js").FieldInfo} info @returns {string} */
export function valueText(value, op, info) {
  if (["is_set", "is_empty", "is_responsible"].includes(op)) return "";
  if (value === undefined || value === null || value === "") return "…";
  if (op === "between" && Array.isArray(value)) return t("ed.between two", { low: one(value[0], info), high: one(value[1], info) });
  if (Array.isArray(value)) return wordList(value.map((inner) => one(inner, info)), op === "has_all" ? "conjunction" : "disjunction");
  if (typeof value === "object") return spanText(value);
  return one(value, info);
}
/** @param {any} value @param {import("./fields.js").FieldInfo} info @returns {string} */
function one(value, info) {
  if (value === undefined || value === null || value === "") return "…";
  if (Array.isArray(value)) return wordList(value.map(String));
  if (typeof value === "number") return number(value);
  return info.options?.find((option) => option.value === value)?.label ?? shown(value);
}

// --- times

/** @param {any} span */
export function spanText(span) {
  const unit = UNITS.find((name) => span?.[name] !== undefined && span[name] !== null);
  if (!unit) return "…";
  return t(`ed.span ${unit}`, { n: Number(span[unit]) });
}

/** When, as a sentence: what it is counted from is `turn` unless a field is named. @param {any} time @param {any} content @param {string} turn */
export function timeText(time, content, turn) {
  if (!time || time === "immediately" || typeof time !== "object") return t("ed.at once", { turn });
  const { after, before, on, at, working_hours } = time;
  const label = (/** @type {string} */ id) => (id ? fieldOf(content, id).label : "…");
  const parts = [];
  if (after) parts.push(t("ed.time after", { span: spanText(after), from: after.field ? label(after.field) : turn }));
  else if (before) parts.push(t("ed.time before", { span: spanText(before), from: label(before.field) }));
  else if (on) parts.push(t("ed.time on", { from: label(on.field) }));
  if (at) parts.push(parts.length ? t("ed.time at", { at }) : t("ed.time next", { at }));
  if (working_hours) parts.push(t("ed.time working"));
  return parts.join(", ") || t("ed.at once", { turn });
}

// --- recipients

/** @param {string} who @param {any} content @returns {string} */
export function recipientText(who, content) {
  const known = told(`ed.to ${who}`, "");
  if (known) return known;
  const [word, ...rest] = String(who).split(":");
  const of = rest.join(":");
  if (!of) return who;
  if (word === "role" || word === "signer" || word === "group") return t(`ed.to ${word} of`, { of });
  if (word === "field") return t("ed.to field of", { of: fieldOf(content, of).label });
  if (["unsigned", "signers_turn", "signed"].includes(word)) return t("ed.to some of", { some: recipientText(word, content), of: recipientText(of, content) });
  return who;
}
/** @param {any} value @param {any} content @returns {string} */
const people = (value, content) => wordList((Array.isArray(value) ? value : [value]).map((one) => recipientText(String(one), content)));

/** Whom or what it is for. @param {any} rule @param {any} content @returns {string} */
function aim(rule, content) {
  const own = rule.settings ?? {};
  if (own.to?.length) return t("ed.aim to", { whom: String(own.to).startsWith("secret:") ? String(own.to).slice(7) : people(own.to, content) });
  if (rule.kind === "create_task") return t("ed.aim for", { whom: people(own.assignee ?? "responsible", content) });
  if (rule.kind === "notify_supervisor") return t("ed.aim to", { whom: t("ed.aim supervisor", { whom: people(own.of ?? "responsible", content) }) });
  if (own.users?.length) return people(own.users, content);
  if (own.stage) return t("ed.aim stage", { stage: nameOf(stagesOf(content).find((one) => one.id === own.stage)) || own.stage });
  if (own.field) return fieldOf(content, own.field).label;
  if (own.values) return wordList(Object.keys(own.values).map((one) => fieldOf(content, one).label));
  if (own.url) return String(own.url).replace(/^https:\/\//, "").split("/")[0];
  if (own.name) return own.name;
  return "";
}

// --- cards

/** What a rule waits for: the document's arrival, or the rule above. @param {any[]} rules @param {number} index */
export const turnOf = (rules, index) => (index === 0 || rules[index].execution === "independent" ? t("ed.turn arrival") : t("ed.turn above"));

/** Time, order, condition and recipient of a rule. @param {any[]} rules @param {number} index @param {any} content */
export function ruleText(rules, index, content) {
  const rule = rules[index];
  const when = timeText(rule.time, content, turnOf(rules, index));
  const only = conditionText(rule.condition, content);
  return sentence([when, only && t("ed.only if", { only }), aim(rule, content)]);
}

/** What a trigger waits for. @param {any} trigger @param {any} content */
export function triggerText(trigger, content) {
  const own = trigger.settings ?? {};
  const described = translated(rowOf("triggers", trigger.kind)?.description).replace(/\.$/, "");
  const parts = [described];
  if (own.party) parts.push(t(`party ${own.party}`));
  if (own.role) parts.push(t("ed.card role", { role: own.role }));
  if (own.order) parts.push(t("ed.card order", { order: own.order }));
  if (own.count) parts.push(t("ed.card count", { n: own.count }));
  if (own.fields?.length) parts.push(wordList(own.fields.map((/** @type {string} */ one) => fieldOf(content, one).label)));
  if (own.stage) parts.push(nameOf(stagesOf(content).find((one) => one.id === own.stage)) || own.stage);
  if (own.after) parts.push(spanText(own.after));
  if (own.time) parts.push(timeText(own.time, content, ""));
  if (own.rule || own.task) parts.push(ruleTitle(content, own.rule ?? own.task));
  const only = conditionText(trigger.condition, content);
  if (only) parts.push(t("ed.only if", { only }));
  if (trigger.allow_return) parts.push(t("ed.card return"));
  if (trigger.move_as && trigger.move_as !== "responsible") parts.push(t("ed.card as", { whom: trigger.move_as }));
  return sentence(parts);
}
/** @param {any} content @param {string} id */
export function ruleTitle(content, id) {
  for (const stage of stagesOf(content)) {
    const rule = listOf(stage, "rules").find((one) => one.id === id);
    if (rule) return `“${titleOf("rules", rule)}”`;
  }
  return id;
}
/** @param {(string | false | null | undefined)[]} parts */
const sentence = (parts) => {
  const text = parts.filter(Boolean).join(", ");
  return text && text[0].toLocaleUpperCase(lang()) + text.slice(1);
};
