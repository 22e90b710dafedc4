// @ts-check
/** A new pipeline: of a template, empty, of a pipeline file, or like another one. */
import { useRef, useState } from "../../vendor/preact.js";
import { call, get } from "../../lib/api.js";
import { slug } from "../../lib/slug.js";
import { Field, FormDialog, Shown, go, html, lang, t, to, textOr, useLive } from "../../lib/ui.js";

const WAYS = ["template", "empty", "yaml", "other"];
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @param {{close: () => void, rows: any[]}} props */
export function NewPipeline({ close, rows }) {
  const templates = useLive(() => get("/catalogue/templates"), [], 0);
  const [way, choose] = useState("template");
  const [name, rename] = useState("");
  const [id, reid] = useState(/** @type {string | null} */ (null));
  const shown = id ?? (name ? slug(name) : "");
  const taken = rows.some((pipeline) => pipeline.id === shown);
  const made = useRef("");
  async function submit(/** @type {FormData} */ data) {
    const body = await bodyOf(way, { id: shown, name, data });
    const { value } = await call("POST", "/drafts", { body });
    made.current = value.pipeline;
    go(to(["automation", value.pipeline]));
  }
  return html`<${FormDialog} title=${t("ed.new pipeline")} close=${close} action=${t("ed.create")} submit=${submit}>
    <fieldset class="ways"><legend>${t("ed.begin with")}</legend>
      ${WAYS.map((choice) => html`<label key=${choice}><input type="radio" name="way" value=${choice} checked=${way === choice} disabled=${choice === "other" && !rows.length} onChange=${() => choose(choice)} /> ${t(`ed.way ${choice}`)}</label>`)}
    </fieldset>
    ${way === "template" ? html`<${Shown} live=${templates}>${(/** @type {any} */ page) => html`<fieldset class="ways"><legend>${t("ed.template")}</legend>
      ${page.items.map((/** @type {any} */ template, /** @type {number} */ n) => html`<label key=${template.template}><input type="radio" name="template" value=${template.template} defaultChecked=${n === 0} /> <span><b>${textOr(`ed.template ${template.template}`, template.template)}</b> ${template[lang()] ?? template.en}</span></label>`)}
    </fieldset>`}<//>` : null}
    ${way === "other" ? html`<${Field} label=${t("ed.like")}>${(/** @type {any} */ rest) => html`<select class="input" name="other" ...${rest}>${rows.map((row) => html`<option key=${row.id} value=${row.id}>${row.name || row.id}</option>`)}</select>`}<//>` : null}
    ${way === "yaml"
      ? html`<${Field} label=${t("ed.pipeline file")} help=${t("ed.pipeline file help")}>${(/** @type {any} */ rest) => html`<textarea class="input area code" name="yaml" rows="12" required spellcheck=${false} ...${rest}></textarea>`}<//>`
      : html`<${Field} label=${t("ed.name")}>${(/** @type {any} */ rest) => html`<input class="input" required maxlength="200" value=${name} onInput=${(/** @type {any} */ event) => rename(event.target.value)} ...${rest} />`}<//>
        <${Field} label=${t("ed.id")} help=${t("ed.id help")} error=${taken ? t("ed.id taken") : null}>${(/** @type {any} */ rest) => html`<input class="input" required pattern="[a-z0-9][a-z0-9_\\-]{0,62}" value=${shown} onInput=${(/** @type {any} */ event) => reid(event.target.value)} ...${rest} />`}<//>
        ${way === "other" ? null : html`<${Field} label=${t("ed.sender")} help=${t("ed.sender help")}>${(/** @type {any} */ rest) => html`<input class="input" name="sender" type="email" placeholder="contracts@acme.example" ...${rest} />`}<//>
        <${Field} label=${t("ed.time zone")}>${(/** @type {any} */ rest) => html`<input class="input" name="zone" required list="zones" defaultValue=${ZONE} ...${rest} />`}<//>
        <datalist id="zones">${Intl.supportedValuesOf("timeZone").map((zone) => html`<option key=${zone} value=${zone} />`)}</datalist>`}`}
  <//>`;
}

/** @param {string} way @param {{id: string, name: string, data: FormData}} given */
async function bodyOf(way, { id, name, data }) {
  const text = (/** @type {string} */ field) => String(data.get(field) ?? "");
  if (way === "yaml") return { yaml: text("yaml") };
  if (way === "template") return { template: text("template"), new: { pipeline: id, name, time_zone: text("zone"), ...(text("sender") ? { sender: text("sender") } : {}) } };
  if (way === "empty") {
    const senders = text("sender") ? { senders: [text("sender")] } : {};
    return { content: { pipeline: id, name, time_zone: text("zone"), ...senders, stages: [{ id: "draft", name: t("ed.stage first") }] } };
  }
  const other = encodeURIComponent(text("other"));
  const source = (await get(`/drafts/${other}`, { optional: true })) ?? (await get(`/pipelines/${other}`));
  const { managed_by: _, ...content } = source.content;
  return { content: { ...content, pipeline: id, name } };
}
