// @ts-check
/** A trigger or a rule: its name, what it does in one sentence, its problems, and its menu. */
import { html, useMemo } from "../../vendor/preact.js";
import { Pill, t } from "../../lib/ui.js";
import { titleOf } from "./catalogue.js";
import { began, ended } from "./drag.js";
import { Menu } from "./menu.js";
import { keyOf, stagesOf } from "./model.js";
import { touchedPart } from "./touch.js";
import { ruleText, triggerText } from "./words.js";

/** @type {Record<string, "up" | "down" | "left" | "right">} */
const ARROWS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

/** @param {any} props */
export function Card({ desk, of, item, list, n, stage, isOpen, isPicked, isDragged, picking, problems }) {
  const key = keyOf(of, item);
  const title = titleOf(of, item);
  const content = desk.content;
  const text = useMemo(() => (of === "rules" ? ruleText(list, n, content) : triggerText(item, content)), [item, n, n === 0, content.fields, content.stages.length, desk.ready]);
  const errors = problems.filter((/** @type {any} */ problem) => problem.severity === "error").length;
  const warnings = problems.length - errors;
  const bare = problems.some((/** @type {any} */ problem) => problem.field[0] === "settings") && Object.keys(item.settings ?? {}).filter((cardKey) => !/^from$/.test(cardKey)).length === 0;
  const off = item.enabled === false;
  const kind = `piece ${of} ${isOpen ? "open" : ""} ${isPicked ? "picked" : ""} ${isDragged ? "dragged" : ""} ${off ? "off" : ""} ${errors ? "wrong" : ""}`;
  return html`<div class=${kind} draggable=${desk.locked ? undefined : "true"}
    onDragStart=${(/** @type {DragEvent} */ event) => began(desk, event, key, of)} onDragEnd=${() => ended(desk)} onTouchStart=${(/** @type {TouchEvent} */ event) => touchedPart(desk, event, key, of)}>
    ${picking ? html`<input type="checkbox" class="pick" checked=${isPicked} aria-label=${t("ed.pick", { name: title })} onChange=${() => desk.pick(key)} />` : null}
    <button type="button" class="face" data-key=${key} aria-current=${isOpen ? "true" : undefined}
      aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Alt+ArrowLeft Alt+ArrowRight Delete"
      onClick=${(/** @type {MouseEvent} */ event) => (event.ctrlKey || event.metaKey ? desk.pick(key) : desk.open(key))}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => keys(desk, event, key, off)}>
      <b dir="auto">${title}</b>
      <span class="says" dir="auto">${text}</span>
      ${off ? html`<${Pill}>${t("ed.switched off")}<//>` : null}
      ${bare ? html`<${Pill} tone="wait">${t("ed.not configured")}<//>` : errors ? html`<${Pill} tone="bad">${t("ed.problems", { n: errors })}<//>` : null}
      ${warnings ? html`<${Pill} tone="wait">${t("ed.warnings", { n: warnings })}<//>` : null}
    </button>
    <${Menu} label=${t("ed.menu of", { name: title })} face="⋯" items=${() => itemsOf(desk, of, key, off, stage, list, n)} />
  </div>`;
}

/** @param {import("./desk.js").Desk} desk @param {any} of @param {string} key @param {boolean} off @param {any} stage @param {any[]} list @param {number} n */
function itemsOf(desk, of, key, off, stage, list, n) {
  const why = desk.locked;
  const place = stagesOf(desk.content).indexOf(stage);
  return [
    { text: t("ed.open settings"), act: () => desk.open(key) },
    { text: t("ed.copy here"), act: () => desk.copy(key), off: why },
    { text: t("ed.copy to"), act: () => (desk.dialog.value = { what: "transfer", keys: [key], how: "copy" }), off: why },
    { text: t("ed.move to stage"), act: () => (desk.dialog.value = { what: "transfer", keys: [key], how: "move" }), off: why },
    { text: t("ed.move up"), keys: "Alt ↑", act: () => desk.step(key, "up"), off: why ?? n === 0 },
    { text: t("ed.move down"), keys: "Alt ↓", act: () => desk.step(key, "down"), off: why ?? n === list.length - 1 },
    { text: t("ed.move left"), keys: "Alt ←", act: () => desk.step(key, "left"), off: why ?? place === 0 },
    { text: t("ed.move right"), keys: "Alt →", act: () => desk.step(key, "right"), off: why ?? place === stagesOf(desk.content).length - 1 },
    { text: t(off ? "ed.switch on" : "ed.switch off"), act: () => desk.switch([key], off), off: why },
    { text: t("ed.pick it"), act: () => desk.pick(key) },
    { text: t("ed.delete it"), keys: t("ed.key delete"), danger: true, act: () => desk.remove([key]), off: why },
  ];
}

/** @param {import("./desk.js").Desk} desk @param {KeyboardEvent} event @param {string} key @param {boolean} off */
function keys(desk, event, key, off) {
  if (event.altKey && event.key in ARROWS) desk.step(key, ARROWS[event.key]);
  else if (event.key === "Delete" && !desk.locked) desk.remove([key]);
  else if (event.key === "x" && !event.ctrlKey && !event.metaKey) desk.pick(key);
  else if ((event.ctrlKey || event.metaKey) && event.key === "d" && !desk.locked) desk.copy(key);
  else if (event.key === "o" && !event.ctrlKey && !event.metaKey && !desk.locked) desk.switch([key], off);
  else return;
  event.preventDefault();
}
