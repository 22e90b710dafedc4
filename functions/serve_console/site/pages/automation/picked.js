// @ts-check
/** What can be done with several at once. */
import { Button, html, t } from "../../lib/ui.js";

/** @param {{desk: import("./desk.js").Desk}} props */
export function Picked({ desk }) {
  if (!desk.picking.value) return null;
  const keys = [...desk.picked.value].filter((key) => desk.item(key));
  const some = keys.length > 0;
  const transfer = (/** @type {"copy" | "move"} */ how) => () => (desk.dialog.value = { what: "transfer", keys, how });
  return html`<div class="picked row" role="toolbar" aria-label=${t("ed.select several")}>
    <b>${t("ed.picked", { n: keys.length })}</b>
    <${Button} role="administrator" disabled=${!some} onClick=${transfer("copy")}>${t("ed.copy to")}<//>
    <${Button} role="administrator" disabled=${!some} onClick=${transfer("move")}>${t("ed.move to stage")}<//>
    <${Button} role="administrator" disabled=${!some} onClick=${() => desk.switch(keys, false)}>${t("ed.switch off")}<//>
    <${Button} role="administrator" disabled=${!some} onClick=${() => desk.switch(keys, true)}>${t("ed.switch on")}<//>
    <${Button} role="administrator" danger disabled=${!some} onClick=${() => desk.remove(keys)}>${t("ed.delete it")}<//>
    <span class="grow"></span>
    <${Button} quiet onClick=${() => desk.unpick()}>${t("ed.end selection")}<//>
  </div>`;
}
