// @ts-check
/** Dragging triggers, rules and stages by mouse, and what dragging by touch shares with it; by keyboard the same acts are keys and menus. */

/** @param {import("./desk.js").Desk} desk @param {DragEvent} event @param {string} key @param {any} of */
export function began(desk, event, key, of) {
  event.stopPropagation();
  event.dataTransfer?.setData("text/plain", key);
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "copyMove";
  desk.drag.value = { key, of };
}
/** @param {import("./desk.js").Desk} desk */
export function ended(desk) {
  desk.drag.value = null;
  desk.over.value = null;
}
/** @param {import("./desk.js").Desk} desk @param {any} to */
function hover(desk, to) {
  const now = desk.over.peek();
  if (now?.stage !== to.stage || now?.of !== to.of || now?.index !== to.index) desk.over.value = to;
}
/** To the place among the triggers or rules of a stage that is at a height. @param {import("./desk.js").Desk} desk @param {Element} list @param {{stage: number, of: any, y: number}} where */
export function overList(desk, list, { stage, of, y }) {
  const cards = [...list.querySelectorAll("li")];
  const index = cards.findIndex((choice) => y < choice.getBoundingClientRect().top + choice.offsetHeight / 2);
  hover(desk, { stage, of, index: index < 0 ? cards.length : index });
}
/** To the place among the stages. @param {import("./desk.js").Desk} desk @param {Element} stages @param {number} x */
export function overColumns(desk, stages, x) {
  const all = [...stages.querySelectorAll("[data-stage]")];
  const index = all.findIndex((column) => x < column.getBoundingClientRect().left + /** @type {HTMLElement} */ (column).offsetWidth / 2);
  hover(desk, { stage: -1, of: "stages", index: index < 0 ? all.length : index });
}
/** @param {import("./desk.js").Desk} desk @param {DragEvent} event @param {number} stage @param {any} of */
export function overItems(desk, event, stage, of) {
  if (desk.drag.peek()?.of !== of) return;
  event.preventDefault();
  overList(desk, /** @type {Element} */ (event.currentTarget), { stage, of, y: event.clientY });
}
/** @param {import("./desk.js").Desk} desk @param {DragEvent} event */
export function overStages(desk, event) {
  if (desk.drag.peek()?.of !== "stages") return;
  event.preventDefault();
  overColumns(desk, /** @type {Element} */ (event.currentTarget), event.clientX);
}
/** @param {import("./desk.js").Desk} desk @param {Event} event */
export function dropped(desk, event) {
  event.preventDefault();
  const dragged = desk.drag.peek();
  const over = desk.over.peek();
  ended(desk);
  if (!dragged || !over) return;
  if (dragged.of === "stages") desk.moveStage(dragged.key.slice(7), over.index);
  else if (over.of === dragged.of) desk.move(dragged.key, /** @type {any} */ (over));
}
