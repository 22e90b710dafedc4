// @ts-check
/** Forgetting a draft, after a question. */
import { FormDialog, filter, html, say, t, to } from "../../lib/ui.js";

/** @param {{desk: import("./desk.js").Desk, close: () => void}} props */
export function Discard({ desk, close }) {
  const published = desk.draft.published.value;
  async function submit() {
    await desk.draft.discard();
    filter({ card: null, stage: null, show: null });
    say(t("ed.discarded"));
    if (!published) location.hash = to(["automation"]);
  }
  return html`<${FormDialog} danger title=${t("ed.discard")} action=${t("ed.discard")} submit=${submit} close=${close}>
    <p>${published ? t("ed.discard about", { n: published.version }) : t("ed.discard all")}</p>
  <//>`;
}
