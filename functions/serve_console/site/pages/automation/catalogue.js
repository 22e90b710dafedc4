// @ts-check
/** What the catalogue of the API has: loaded once, kinds in full when they are first needed. */
import { signal } from "../../vendor/preact.js";
import { get } from "../../lib/api.js";
import { store, stored, translated } from "../../lib/ui.js";
import { learnVocabulary } from "../../lib/vocabulary.js";

/** @typedef {{kind: string, of: "trigger" | "rule", group: string, title: any, description: any, settings: string[], locked: any}} Row */

/** Groups, kinds and parts; null until they are there. */
export const catalogue = signal(/** @type {{groups: any[], rows: Row[], byKind: Map<string, Row>, rule: any[], trigger: any[], units: any[], stage: any[]} | null} */ (null));
/** Settings of kinds that were asked for. */
export const settings = signal(/** @type {Record<string, any[]>} */ ({}));
/** @type {Promise<void> | null} */
let loading = null;

export function learnCatalogue() {
  loading ??= (async () => {
    const [[groups, kinds, rule, trigger, units, stage]] = await Promise.all([
      Promise.all(["groups", "kinds", "parts/rule", "parts/trigger", "parts/duration", "parts/stage"].map((name) => get(`/catalogue/${name}`))),
      learnVocabulary(),
    ]);
    const rows = kinds.items;
    catalogue.value = {
      groups: groups.items,
      rows,
      byKind: new Map(rows.map((/** @type {Row} */ row) => [`${row.of}:${row.kind}`, row])),
      rule: rule.settings,
      trigger: trigger.settings,
      stage: stage.settings,
      units: units.settings.filter((/** @type {any} */ setting) => setting.name !== "field"),
    };
  })().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** @param {string} kind */
export async function learnKind(kind) {
  if (settings.peek()[kind]) return;
  const described = await get(`/catalogue/kinds/${encodeURIComponent(kind)}`);
  settings.value = { ...settings.peek(), [kind]: described.settings };
}

/** @param {import("./model.js").Of} of @param {string} kind */
export const rowOf = (of, kind) => catalogue.value?.byKind.get(`${of === "rules" ? "rule" : "trigger"}:${kind}`) ?? null;
/** What people see of a trigger or rule. @param {import("./model.js").Of} of @param {any} item @returns {string} */
export const titleOf = (of, item) => item.name || translated(rowOf(of, item.kind)?.title) || item.kind || item.id || "";

const RECENT = "countersign.kinds";
/** The kinds that were added last, newest first. @param {string} of */
export const recent = (of) => (stored(`${RECENT}.${of}`) ?? "").split(" ").filter(Boolean);
/** @param {string} of @param {string} kind */
export const remember = (of, kind) => store(`${RECENT}.${of}`, [kind, ...recent(of).filter((known) => known !== kind)].slice(0, 5).join(" "));
