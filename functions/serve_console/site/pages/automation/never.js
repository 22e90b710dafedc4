// @ts-check
/** Conditions that no document can ever meet: clauses of one bracket that exclude each other. */
import { t } from "../../lib/ui.js";
import { keyOf, listOf, stagesOf } from "./model.js";
import { groupOf } from "./words.js";

/** Warnings about all such conditions, in the shape of what the API finds. @param {any} content */
export function neverMet(content) {
  const never = [];
  for (const [stage, stageItem] of stagesOf(content).entries()) {
    for (const of of /** @type {const} */ (["triggers", "rules"])) {
      for (const [index, item] of listOf(stageItem, of).entries()) {
        if (!impossible(item.condition)) continue;
        never.push({ pointer: `/stages/${stage}/${of}/${index}/condition`, text: t("ed.never met"), severity: "warning", of_key: false, key: keyOf(of, item), stage, stageId: stageItem.id, field: ["condition"] });
      }
    }
  }
  return never;
}

/** @param {any} condition @returns {boolean} */
export function impossible(condition) {
  const group = condition && groupOf(condition);
  if (!group) return false;
  if (group.word === "any") return group.members.length > 0 && group.members.every(impossible);
  if (group.word === "none") return false;
  const clauses = group.members.filter((member) => !groupOf(member) && member.field);
  const fields = [...new Set(clauses.map((clause) => clause.field))];
  return group.members.some(impossible) || fields.some((field) => excluded(clauses.filter((clause) => clause.field === field)));
}

/** Whether clauses about one field exclude each other. @param {any[]} clauses */
function excluded(clauses) {
  const ops = clauses.map((clause) => clause.op);
  const filled = ops.some((op) => !["is_empty", "differs", "none_of", "has_none", "does_not_contain"].includes(op));
  if (ops.includes("is_empty") && filled) return true;
  const folded = (/** @type {any} */ value) => (typeof value === "string" ? value.trim().toLowerCase() : value);
  const exact = clauses.filter((clause) => clause.op === "equals" && clause.value !== undefined && !Array.isArray(clause.value)).map((clause) => folded(clause.value));
  if (exact.some((value) => value !== exact[0])) return true;
  if (clauses.some((clause) => clause.op === "differs" && exact.includes(folded(clause.value)))) return true;
  return empty(clauses);
}

/** Whether the limits of numbers or days leave nothing between them. @param {any[]} clauses */
function empty(clauses) {
  /** @type {{value: any, open: boolean}[]} */
  const low = [];
  /** @type {{value: any, open: boolean}[]} */
  const high = [];
  for (const { op, value } of clauses) {
    if (op === "greater" || op === "at_least") low.push({ value, open: op === "greater" });
    else if (op === "less" || op === "at_most") high.push({ value, open: op === "less" });
    else if (op === "equals") [low, high].forEach((side) => side.push({ value, open: false }));
    else if (op === "between" && Array.isArray(value)) {
      low.push({ value: value[0], open: false });
      high.push({ value: value[1], open: false });
    }
  }
  const comparable = (/** @type {any} */ a, /** @type {any} */ b) => typeof a === typeof b && (typeof a === "number" || (/^\d{4}-\d\d-\d\d$/.test(a) && /^\d{4}-\d\d-\d\d$/.test(b)));
  return low.some((a) => high.some((b) => comparable(a.value, b.value) && (a.value > b.value || (a.value === b.value && (a.open || b.open)))));
}
