// @ts-check
/** What recipients, rules and triggers say, in a sentence; conditions and times are in lib/words.js. */
import { lang, t, textOr, translated, wordList } from "../../lib/ui.js";
import { conditionText, spanText, timeText } from "../../lib/words.js";
import { rowOf, titleOf } from "./catalogue.js";
import { fieldOf } from "./fields.js";
import { listOf, nameOf, stagesOf } from "./model.js";

export { UNITS, conditionText, groupOf, spanText, timeText, valueText } from "../../lib/words.js";

// --- recipients

/** @param {string} who @param {any} content @returns {string} */
export function recipientText(who, content) {
  const known = textOr(`ed.to ${who}`, "");
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
const people = (value, content) => wordList((Array.isArray(value) ? value : [value]).map((recipient) => recipientText(String(recipient), content)));

/** Whom or what it is for. @param {any} rule @param {any} content @returns {string} */
function aim(rule, content) {
  const own = rule.settings ?? {};
  if (own.to?.length) return t("ed.aim to", { whom: String(own.to).startsWith("secret:") ? String(own.to).slice(7) : people(own.to, content) });
  if (rule.kind === "create_task") return t("ed.aim for", { whom: people(own.assignee ?? "responsible", content) });
  if (rule.kind === "notify_supervisor") return t("ed.aim to", { whom: t("ed.aim supervisor", { whom: people(own.of ?? "responsible", content) }) });
  if (own.users?.length) return people(own.users, content);
  if (own.stage) return t("ed.aim stage", { stage: nameOf(stagesOf(content).find((stage) => stage.id === own.stage)) || own.stage });
  if (own.field) return fieldOf(content, own.field).label;
  if (own.values) return wordList(Object.keys(own.values).map((key) => fieldOf(content, key).label));
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
  if (own.fields?.length) parts.push(wordList(own.fields.map((/** @type {string} */ field) => fieldOf(content, field).label)));
  if (own.stage) parts.push(nameOf(stagesOf(content).find((stage) => stage.id === own.stage)) || own.stage);
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
    const rule = listOf(stage, "rules").find((candidate) => candidate.id === id);
    if (rule) return `“${titleOf("rules", rule)}”`;
  }
  return id;
}
/** @param {(string | false | null | undefined)[]} parts */
const sentence = (parts) => {
  const text = parts.filter(Boolean).join(", ");
  return text && text[0].toLocaleUpperCase(lang()) + text.slice(1);
};
