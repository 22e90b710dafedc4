// @ts-check
/** The texts of a rule on a real document: values that are inserted, and those that are missing. */
import { useState } from "../../vendor/preact.js";
import { get } from "../../lib/api.js";
import { Button, Empty, Failed, Shown, html, t, translated, useLive } from "../../lib/ui.js";
import { stagesOf, listOf } from "./model.js";
import { rendered, scopeOf } from "./variables.js";

/** @param {{around: any, settings: any[], stage: any}} props */
export function Preview({ around, settings, stage }) {
  const [open, show] = useState(false);
  const texts = settings.filter((one) => one.widget.startsWith("template_") && around.item.settings?.[one.name]);
  if (!settings.some((one) => one.widget.startsWith("template_"))) return null;
  return html`<section class="preview" aria-label=${t("ed.preview")}>
    <p><button type="button" class="button" aria-expanded=${open} onClick=${() => show(!open)}>${t("ed.preview on document")}</button></p>
    ${open ? html`<${Documents} around=${around} texts=${texts} stage=${stage} />` : null}
  </section>`;
}

/** @param {{around: any, texts: any[], stage: any}} props */
function Documents({ around, texts, stage }) {
  const pipeline = around.content.pipeline;
  const live = useLive(() => get("/documents", { pipeline, limit: 30 }), [pipeline], 0);
  const [chosen, choose] = useState("");
  return html`<${Shown} live=${live}>${(/** @type {any} */ page) => {
    if (!page.items.length) return html`<${Empty} title=${t("ed.no document yet")}><p>${t("ed.no document yet about")}</p><//>`;
    const id = chosen || page.items[0].id;
    return html`<label class="field">${t("ed.document")} <select class="input" value=${id} onChange=${(/** @type {any} */ event) => choose(event.target.value)}>
        ${page.items.map((/** @type {any} */ one) => html`<option key=${one.id} value=${one.id}>${[one.number, one.title].filter(Boolean).join(" · ") || one.id}</option>`)}
      </select></label>
      <${OnDocument} key=${id} id=${id} around=${around} texts=${texts} stage=${stage} />`;
  }}<//>`;
}

/** @param {{id: string, around: any, texts: any[], stage: any}} props */
function OnDocument({ id, around, texts, stage }) {
  const live = useLive(() => get(`/documents/${encodeURIComponent(id)}`), [id], 0);
  return html`<${Shown} live=${live}>${(/** @type {any} */ document) => {
    const scope = scopeOf(document, around.content, stage, around.item);
    const parts = texts.map((one) => ({ ...one, pieces: rendered(around.item.settings[one.name], scope) }));
    const missing = parts.flatMap((one) => one.pieces).filter((one) => one.kind === "missing");
    const later = parts.flatMap((one) => one.pieces).some((one) => one.kind === "later");
    return html`${parts.length ? null : html`<p class="dim">${t("ed.no text yet")}</p>`}
      <dl class="mail">${parts.map((one) => html`<dt key=${one.name}>${translated(one.label)}</dt><dd dir="auto">${one.pieces.map((/** @type {any} */ piece) =>
        piece.kind === "plain" ? piece.text : piece.kind === "missing" ? html`<mark class="missing">${t("ed.missing value", { what: piece.text })}</mark>` : piece.kind === "later" ? html`<code>${piece.text}</code>` : html`<mark>${piece.text}</mark>`)}</dd>`)}</dl>
      ${missing.length ? html`<p class="bad">${t("ed.missing values", { n: missing.length })}</p>` : null}
      ${later ? html`<p class="dim">${t("ed.known later")}</p>` : null}
      <${AsPublished} around=${around} id=${id} />`;
  }}<//>`;
}

/** The mail that the API makes of it, where the published version has the same rule. @param {{around: any, id: string}} props */
function AsPublished({ around, id }) {
  const [found, show] = useState(/** @type {any} */ (null));
  const published = stagesOf(around.desk.draft.published.value?.content).flatMap((one) => listOf(one, "rules")).find((one) => one.id === around.item.id);
  if (!published || !/mail|notify/.test(around.item.kind)) return null;
  const same = JSON.stringify(published.settings) === JSON.stringify(around.item.settings);
  const load = () => get(`/documents/${encodeURIComponent(id)}/preview/${encodeURIComponent(around.item.id)}`).then(show, (problem) => show({ problem }));
  return html`<p><${Button} onClick=${load}>${t(same ? "ed.mail as sent" : "ed.mail as published")}<//></p>
    ${found?.problem ? html`<${Failed} problem=${found.problem} again=${load} />` : null}
    ${(found?.mails ?? []).map((/** @type {any} */ mail, /** @type {number} */ n) => html`<dl class="mail" key=${n}>
      ${mail.reason ? html`<dt>${t("ed.not sent")}</dt><dd>${mail.reason}</dd>` : null}
      ${mail.to.length ? html`<dt>${t("ed.to")}</dt><dd>${mail.to.join(", ")}</dd>` : null}
      ${mail.subject ? html`<dt>${t("ed.subject")}</dt><dd dir="auto">${mail.subject}</dd>` : null}
      ${mail.text ? html`<dt>${t("text")}</dt><dd dir="auto">${mail.text}</dd>` : null}
    </dl>`)}`;
}
