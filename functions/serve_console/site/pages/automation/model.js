// @ts-check
/** Pipelines as plain values: finding, adding, moving and removing. Nothing is changed in place. */

import { slug } from "../../lib/slug.js";

/** @typedef {"triggers" | "rules"} Of */
/** @typedef {{stage: number, of: Of, index: number}} Place */

/** What names a trigger or a rule in this page: `rules:remind`. @param {Of} of @param {any} item */
export const keyOf = (of, item) => `${of}:${item.id}`;

/** Where it is; null where it is no longer. @param {any} content @param {string | null} key @returns {Place | null} */
export function placeOf(content, key) {
  if (!key) return null;
  const of = /** @type {Of} */ (key.split(":")[0]);
  const id = key.slice(of.length + 1);
  for (const [stage, stageItem] of stagesOf(content).entries()) {
    const index = listOf(stageItem, of).findIndex((item) => item.id === id);
    if (index >= 0) return { stage, of, index };
  }
  return null;
}
/** @param {any} content @param {Place} place */
export const at = (content, place) => stagesOf(content)[place.stage]?.[place.of]?.[place.index];
/** @param {any} content @returns {any[]} */
export const stagesOf = (content) => (Array.isArray(content?.stages) ? content.stages.map((/** @type {any} */ stage) => (stage && typeof stage === "object" ? stage : {})) : []);
/** @param {any} stage @param {Of} of @returns {any[]} */
export const listOf = (stage, of) => (Array.isArray(stage?.[of]) ? stage[of] : []);
/** @param {any} stage @returns {string} */
export const nameOf = (stage) => stage?.name || stage?.id || "";
/** @param {any} stage */
export const isFinal = (stage) => stage?.kind === "success" || stage?.kind === "failure";

/** With a value at a place; undefined removes it, and what is left empty by that. @param {any} whole @param {(string | number)[]} path @param {any} value @returns {any} */
export function put(whole, [first, ...rest], value) {
  if (first === undefined) return value;
  if (Array.isArray(whole)) return whole.map((element, index) => (index === Number(first) ? put(element, rest, value) : element));
  const inner = rest.length ? put(whole?.[first] ?? {}, rest, value) : value;
  const { [first]: _, ...others } = whole ?? {};
  const gone = inner === undefined || (rest.length && value === undefined && emptyObject(inner));
  if (gone) return others;
  return first in (whole ?? {}) ? { ...whole, [first]: inner } : { ...others, [first]: inner };
}
const emptyObject = (/** @type {any} */ value) => value && typeof value === "object" && !Array.isArray(value) && !Object.keys(value).length;

/** @param {any} content @param {number} stage @param {Of} of @param {(list: any[]) => any[]} change */
function withList(content, stage, of, change) {
  const list = change(listOf(content.stages[stage], of));
  return put(content, ["stages", stage, of], list.length ? list : undefined);
}
/** @param {any} content @param {Place} place @param {any[]} items */
export const insert = (content, { stage, of, index }, items) =>
  withList(content, stage, of, (list) => [...list.slice(0, index), ...items, ...list.slice(index)]);
/** @param {any} content @param {Place} place @param {any} item */
export const replace = (content, place, item) => withList(content, place.stage, place.of, (list) => list.map((other, index) => (index === place.index ? item : other)));

/** Without those. @param {any} content @param {string[]} keys */
export function without(content, keys) {
  const gone = new Set(keys);
  return {
    ...content,
    stages: stagesOf(content).map((stage) => {
      const kept = { ...stage };
      for (const of of /** @type {Of[]} */ (["triggers", "rules"])) {
        if (!listOf(stage, of).some((item) => gone.has(keyOf(of, item)))) continue;
        const left = stage[of].filter((/** @type {any} */ item) => !gone.has(keyOf(of, item)));
        if (left.length) kept[of] = left;
        else delete kept[of];
      }
      return Object.keys(kept).length === Object.keys(stage).length && ["triggers", "rules"].every((of) => kept[of] === stage[of]) ? stage : kept;
    }),
  };
}

/** Moved to before the place that `to` names in the content of before. @param {any} content @param {string} key @param {Place} to */
export function moved(content, key, to) {
  const from = placeOf(content, key);
  if (!from || from.of !== to.of) return content;
  const item = at(content, from);
  const shift = from.stage === to.stage && from.index < to.index ? 1 : 0;
  const index = to.index - shift;
  if (from.stage === to.stage && index === from.index) return content;
  return insert(without(content, [key]), { ...to, index }, [item]);
}

/** An id that nothing has: of the wanted one, with a number if need be. @param {any} content @param {string} wanted @param {Iterable<string>} [more] */
export function freeId(content, wanted, more = []) {
  const taken = new Set(more);
  for (const stage of stagesOf(content)) {
    for (const item of [...listOf(stage, "triggers"), ...listOf(stage, "rules")]) taken.add(item.id);
  }
  return numbered(wanted, taken);
}
/** @param {any} content @param {string} wanted */
export const freeStageId = (content, wanted) => numbered(wanted, new Set(stagesOf(content).map((stage) => stage.id)));
/** @param {string} wanted @param {Set<string>} taken */
function numbered(wanted, taken) {
  const base = slug(wanted) || "new";
  if (!taken.has(base)) return base;
  const stem = base.replace(/-\d+$/, "");
  for (let n = 2; ; n++) if (!taken.has(`${stem}-${n}`)) return `${stem}-${n}`;
}
/** The rules of a stage as chains: each begins with the first rule, or with one that starts on its own. @param {any[]} rules */
export function chains(rules) {
  /** @type {number[][]} */
  const groups = [];
  rules.forEach((rule, index) => {
    if (index === 0 || rule.execution === "independent") groups.push([index]);
    else groups[groups.length - 1].push(index);
  });
  return groups;
}

/** With a stage's id, and all that names it, changed. @param {any} content @param {string} from @param {string} to */
export function renamedStage(content, from, to) {
  const stages = stagesOf(content).map((stage) => {
    const kept = { ...stage, ...(stage.id === from ? { id: to } : {}) };
    for (const of of ["triggers", "rules"]) if (stage[of]) kept[of] = stage[of].map((/** @type {any} */ item) => pointed(item, from, to));
    return kept;
  });
  return { ...content, stages };
}
/** @param {any} item @param {string} from @param {string} to */
function pointed(item, from, to) {
  const settings = item.settings;
  if (!settings) return item;
  const kept = { ...settings };
  if (kept.stage === from) kept.stage = to;
  if (Array.isArray(kept.stages)) kept.stages = kept.stages.map((/** @type {any} */ stage) => (stage === from ? to : stage));
  return { ...item, settings: kept };
}

/** With a rule's or trigger's id changed, and triggers that wait for the rule. @param {any} content @param {string} key @param {string} to */
export function renamedItem(content, key, to) {
  const place = placeOf(content, key);
  if (!place) return content;
  const from = at(content, place).id;
  const named = replace(content, place, { ...at(content, place), id: to });
  if (place.of === "triggers") return named;
  const stages = stagesOf(named).map((stage) =>
    listOf(stage, "triggers").some((trigger) => namesRule(trigger, from))
      ? { ...stage, triggers: stage.triggers.map((/** @type {any} */ trigger) => (namesRule(trigger, from) ? { ...trigger, settings: { ...trigger.settings, [trigger.settings.task === from ? "task" : "rule"]: to } } : trigger)) }
      : stage,
  );
  return { ...named, stages };
}
/** With a mail template's id, and all rules that name it, changed; it keeps its place. @param {any} content @param {string} from @param {string} to */
export function renamedMailTemplate(content, from, to) {
  const templates = Object.entries(content.mail_templates ?? {}).map(([id, template]) => [id === from ? to : id, template]);
  const stages = stagesOf(content).map((stage) =>
    listOf(stage, "rules").some((rule) => rule.settings?.template === from)
      ? { ...stage, rules: stage.rules.map((/** @type {any} */ rule) => (rule.settings?.template === from ? { ...rule, settings: { ...rule.settings, template: to } } : rule)) }
      : stage,
  );
  return { ...content, mail_templates: Object.fromEntries(templates), stages };
}
const namesRule = (/** @type {any} */ trigger, /** @type {string} */ id) => trigger.settings?.rule === id || trigger.settings?.task === id;

/** What a pointer of a problem is about: the card, the stage, or neither. @param {any} content @param {string} pointer */
export function about(content, pointer) {
  const [top, stage, of, index, ...rest] = pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (top !== "stages" || stage === undefined) return { key: null, stage: null, stageId: null, field: [top, stage, of, index, ...rest].filter((part) => part !== undefined) };
  const stageItem = stagesOf(content)[Number(stage)];
  const item = (of === "rules" || of === "triggers") && index !== undefined ? stageItem?.[of]?.[Number(index)] : null;
  return { key: item ? keyOf(/** @type {Of} */ (of), item) : null, stage: Number(stage), stageId: stageItem?.id ?? null, field: item ? rest : [of, index, ...rest].filter((part) => part !== undefined) };
}
