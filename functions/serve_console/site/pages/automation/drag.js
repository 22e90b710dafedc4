// @ts-check
/** Dragging triggers, rules and stages by mouse; by keyboard and touch the same acts are in menus. */

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
/** @param {import("./desk.js").Desk} desk @param {DragEvent} event @param {number} stage @param {any} of */
export function overItems(desk, event, stage, of) {
  if (desk.drag.peek()?.of !== of) return;
  event.preventDefault();
  const cards = [...(/** @type {HTMLElement} */ (event.currentTarget).querySelectorAll("li"))];
  const index = cards.findIndex((one) => event.clientY < one.getBoundingClientRect().top + one.offsetHeight / 2);
  hover(desk, { stage, of, index: index < 0 ? cards.length : index });
}
/** @param {import("./desk.js").Desk} desk @param {DragEvent} event */
export function overStages(desk, event) {
  if (desk.drag.peek()?.of !== "stages") return;
  event.preventDefault();
  const all = [...(/** @type {HTMLElement} */ (event.currentTarget).querySelectorAll("[data-stage]"))];
  const index = all.findIndex((one) => event.clientX < one.getBoundingClientRect().left + /** @type {HTMLElement} */ (one).offsetWidth / 2);
  hover(desk, { stage: -1, of: "stages", index: index < 0 ? all.length : index });
}
/** @param {import("./desk.js").Desk} desk @param {DragEvent} event */
export function dropped(desk, event) {
  event.preventDefault();
  const dragged = desk.drag.peek();
  const over = desk.over.peek();
  ended(desk);
  if (!dragged || !over) return;
  if (dragged.of === "stages") desk.moveStage(dragged.key.slice(7), over.index);
  else if (over.of === dragged.of) desk.move(dragged.key, /** @type {any} */ (over));
}
