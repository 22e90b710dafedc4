// @ts-check
/** Dragging triggers, rules and stages of the editor by touch. */
import { touched } from "../../lib/touch.js";
import { t } from "../../lib/ui.js";
import { dropped, ended, overColumns, overList } from "./drag.js";

/** A finger is put on a card or the head of a stage. @param {import("./desk.js").Desk} desk @param {TouchEvent} event @param {string} key @param {any} of */
export function touchedPart(desk, event, key, of) {
  const columns = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.currentTarget).closest(".pipeline"));
  if (desk.locked || !columns) return;
  const putBack = () => {
    ended(desk);
    desk.tell(t("touch put back", { name: desk.called(key) }));
  };
  touched(event, columns, {
    lift() {
      desk.drag.value = { key, of };
      desk.tell(t("touch lifted", { name: desk.called(key) }));
    },
    aim: (x, y) => aim(desk, columns, x, y),
    drop(up) {
      const before = desk.content;
      dropped(desk, up);
      if (desk.content === before) putBack();
    },
    putBack,
  });
}

/** Where it would come to lie: anywhere in a column is in its list. @param {import("./desk.js").Desk} desk @param {Element} columns @param {number} x @param {number} y */
function aim(desk, columns, x, y) {
  const of = desk.drag.peek()?.of;
  const column = /** @type {HTMLElement | null | undefined} */ (document.elementFromPoint(x, y)?.closest("[data-stage]"));
  const list = column?.querySelector(`[data-of="${of}"]`);
  if (of === "stages") overColumns(desk, columns, x);
  else if (column && list) overList(desk, list, { stage: Number(column.dataset.stage), of, y });
  else desk.over.value = null;
}
