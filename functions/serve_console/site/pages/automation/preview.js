// @ts-check
/** What a rule would write for a real document, as it is being edited: who gets its mails, and what is missing in their texts. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { call, get } from "../../lib/api.js";
import { Button, Empty, Failed, Loading, Shown, html, t, textOr, translated, useLive } from "../../lib/ui.js";

/** Milliseconds without typing before it is asked for anew. */
const PAUSE = 400;
const WHOM = ["from", "to", "cc", "bcc", "reply_to"];

/** @param {{around: any, settings: any[]}} props */
export function Preview({ around, settings }) {
  const [open, show] = useState(false);
  if (!settings.some((setting) => setting.widget.startsWith("template_"))) return null;
  return html`<section class="preview" aria-label=${t("ed.preview")}>
    <p><${Button} role="operator" aria-expanded=${open} onClick=${() => show(!open)}>${t("ed.preview on document")}<//></p>
    ${open ? html`<${Documents} around=${around} settings=${settings} />` : null}
  </section>`;
}

/** @param {{around: any, settings: any[]}} props */
function Documents({ around, settings }) {
  const pipeline = around.content.pipeline;
  const live = useLive(() => get("/documents", { pipeline, limit: 30 }), [pipeline], 0);
  const [chosen, choose] = useState("");
  return html`<${Shown} live=${live}>${(/** @type {any} */ page) => {
    if (!page.items.length) return html`<${Empty} title=${t("ed.no document yet")}><p>${t("ed.no document yet about")}</p><//>`;
    const id = chosen || page.items[0].id;
    return html`<label class="field">${t("ed.document")} <select class="input" value=${id} onChange=${(/** @type {any} */ event) => choose(event.target.value)}>
        ${page.items.map((/** @type {any} */ document) => html`<option key=${document.id} value=${document.id}>${[document.number, document.title].filter(Boolean).join(" · ") || document.id}</option>`)}
      </select></label>
      <${OnDocument} key=${id} id=${id} around=${around} settings=${settings} />`;
  }}<//>`;
}

/** @param {{id: string, around: any, settings: any[]}} props */
function OnDocument({ id, around, settings }) {
  const { content, item } = around;
  const [preview, keep] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  const latest = useRef(/** @type {any} */ (null));
  async function ask() {
    latest.current = content;
    try {
      const { value } = await call("POST", `/drafts/${encodeURIComponent(content.pipeline)}/preview`, { body: { rule: item.id, document: id, content } });
      if (latest.current !== content) return;
      keep(value);
      tell(null);
    } catch (error) {
      if (latest.current === content) tell(error);
    }
  }
  useEffect(() => {
    const timer = setTimeout(ask, preview ? PAUSE : 0);
    return () => clearTimeout(timer);
  }, [content]);
  useEffect(() => () => void (latest.current = null), []);
  if (problem) return html`<${Failed} problem=${problem} again=${ask} />`;
  return preview ? html`<${Written} preview=${preview} settings=${settings} />` : html`<${Loading} />`;
}

/** @param {{preview: any, settings: any[]}} props */
function Written({ preview, settings }) {
  const label = (/** @type {string} */ name) => translated(settings.find((setting) => setting.name === name)?.label) || name;
  const pieces = [...preview.mails.flatMap((/** @type {any} */ mail) => [...mail.subject, ...mail.text]), ...preview.texts.flatMap((/** @type {any} */ text) => text.text)];
  const missing = pieces.filter((piece) => piece.kind === "missing").length;
  const several = preview.mails.length > 1;
  if (!preview.mails.length && !preview.texts.length) return html`<p class="dim">${t(preview.problems.some((/** @type {any} */ problem) => problem.severity === "error") ? "ed.preview mend" : "ed.no text yet")}</p>`;
  return html`${preview.mails.map((/** @type {any} */ mail, /** @type {number} */ n) => html`<dl class="mail" key=${n} aria-label=${several ? t("ed.mail of", { n: n + 1, of: preview.mails.length }) : undefined}>
      ${mail.reason ? html`<dt>${t("ed.not sent")}</dt><dd class="bad">${mail.reason}</dd>` : null}
      ${WHOM.map((name) => [name, name === "from" ? [mail.sender].filter(Boolean) : mail[name]]).filter(([, whom]) => whom.length).map(([name, whom]) => html`<dt key=${name}>${label(name)}</dt><dd dir="auto">${whom.join(", ")}</dd>`)}
      ${["subject", "text"].filter((name) => mail[name].length).map((name) => html`<dt key=${name}>${label(name)}</dt><dd dir="auto"><${Pieces} pieces=${mail[name]} /></dd>`)}
      ${preview.attachments.length && !mail.reason ? html`<dt>${label("attachments")}</dt><dd>${preview.attachments.map((/** @type {string} */ attachment) => textOr(`file ${attachment}`, attachment.replace(/^file:/, ""))).join(", ")}</dd>` : null}
    </dl>`)}
    ${preview.texts.length ? html`<dl class="mail">${preview.texts.map((/** @type {any} */ text) => html`<dt key=${text.setting}>${label(text.setting)}</dt>
      <dd dir="auto">${text.reason ? html`<span class="bad">${text.reason}</span>` : html`<${Pieces} pieces=${text.text} />`}</dd>`)}</dl>` : null}
    ${missing ? html`<p class="bad">${t("ed.missing values", { n: missing })}</p>` : null}`;
}

/** A text with what was inserted marked, and what is missing named. @param {{pieces: {kind: string, text: string}[]}} props */
const Pieces = ({ pieces }) => html`${pieces.map(({ kind, text }) =>
  kind === "plain" ? text : kind === "missing" ? html`<mark class="missing">${t("ed.missing value", { what: text })}</mark>` : html`<mark>${text}</mark>`)}`;
