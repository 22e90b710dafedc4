// @ts-check
/** What the keyboard does in the editor. */
import { Dialog, html, t } from "../../lib/ui.js";

const KEYS = [["Enter", "open"], ["Alt ↑ ↓", "order"], ["Alt ← →", "stage"], ["ed.key delete", "delete"], ["ed.ctrl d", "copy"], ["O", "switch"], ["X", "pick"], ["ed.key hold", "hold"], ["ed.ctrl z", "undo"], ["ed.ctrl y", "redo"], ["ed.ctrl enter", "several"], ["Esc", "close"]];

/** @param {{close: () => void}} props */
export const Keys = ({ close }) => html`<${Dialog} title=${t("ed.keys")} close=${close} closing=${t("ed.done")}>
  <p>${t("ed.keys about")}</p>
  <dl class="keys">${KEYS.map(([key, what]) => html`<dt key=${what}><kbd>${key.startsWith("ed.") ? t(key) : key}</kbd></dt><dd>${t(`ed.key does ${what}`)}</dd>`)}</dl>
<//>`;
