// @ts-check
/** The first step: a template becomes a draft, and is published. */
import { signal, useRef, useState } from "../../vendor/preact.js";
import { Problem, call, everyOf, get, session } from "../../lib/api.js";
import { Button, Failed, Shown, filter, html, lang, refused, t, to, textOr, useLive } from "../../lib/ui.js";
import { Input, Select } from "../../lib/manage.js";
import { slug } from "../../lib/slug.js";

/** What was said when a pipeline was published here, by its id. */
const warned = signal(/** @type {Record<string, any[]>} */ ({}));

/** @param {{pipeline: string | null, open: boolean}} props */
export const Template = ({ pipeline, open }) => (open ? html`<${Choose} />` : html`<${Chosen} pipeline=${pipeline ?? ""} />`);

function Choose() {
  const live = useLive(async () => {
    const [templates, pipelines] = await Promise.all([get("/catalogue/templates"), everyOf("/pipelines")]);
    return { templates: templates.items, pipelines };
  }, [], 0);
  return html`<${Shown} live=${live}>${(/** @type {any} */ known) => html`<${Form} ...${known} />
    ${known.pipelines.length ? html`<${Existing} pipelines=${known.pipelines} />` : null}`}<//>`;
}

/** @param {{templates: any[], pipelines: any[]}} props */
function Form({ templates, pipelines }) {
  const [chosen, choose] = useState(templates[0]?.template);
  const [name, rename] = useState(t("first name of a pipeline"));
  const [typed, type] = useState(/** @type {string | null} */ (null));
  const [busy, set] = useState(false);
  const [problem, tell] = useState(/** @type {any} */ (null));
  const made = useRef(/** @type {string | null} */ (null));
  const id = typed ?? freeId(slug(name), pipelines);
  const mine = session.value?.name ?? "";
  /** @param {any} event */
  async function submit(event) {
    event.preventDefault();
    if (busy || refused("administrator")) return;
    set(true);
    tell(null);
    const form = new FormData(event.target);
    try {
      await discard(made.current);
      const wanted = { pipeline: id, name, sender: String(form.get("sender")).trim(), time_zone: String(form.get("time_zone")).trim() };
      const draft = await call("POST", "/drafts", { body: { template: chosen, new: wanted }, key: crypto.randomUUID() });
      made.current = id;
      const note = t("first note", { template: titleOf(chosen) });
      const done = await call("POST", `/drafts/${encodeURIComponent(id)}/publish`, { etag: draft.etag, body: { note }, key: crypto.randomUUID() });
      warned.value = { ...warned.value, [id]: done.value.warnings };
      filter({ pipeline: id });
    } catch (error) {
      tell(error);
      set(false);
    }
  }
  return html`<form onSubmit=${submit}>
    <fieldset class="picker"><legend>${t("template")}</legend><div class="picks tall">${templates.map((template) => html`<label key=${template.template} class="pick">
      <input type="radio" name="template" value=${template.template} checked=${template.template === chosen} onChange=${() => choose(template.template)} />
      <span><b>${titleOf(template.template)}</b> <span class="dim">${sentence(lang() === "de" ? template.de : template.en)}</span></span>
    </label>`)}</div></fieldset>
    <div class="pair">
      <${Input} name="name" label=${t("name")} value=${name} required maxlength="200" help=${t("first name help")} onInput=${(/** @type {any} */ event) => rename(event.target.value)} />
      <${Input} name="sender" label=${t("sender of mails")} value=${mine.includes("@") ? mine : ""} placeholder="contracts@acme.example" required maxlength="320" help=${t("sender of mails help")} />
    </div>
    <details class="spaced"><summary>${t("id and time zone")}</summary><div class="pair">
      <${Typed} label=${t("id")} value=${id} change=${type} />
      <${Input} name="time_zone" label=${t("time zone")} value=${Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC"} required maxlength="100" help=${t("time zone help")} />
    </div></details>
    ${problem ? html`<${Failed} problem=${problem} />` : null}
    <p class="spaced"><${Button} main role="administrator" type="submit" disabled=${busy}>${busy ? t("working") : t("create and publish")}<//></p>
  </form>`;
}

/** @param {{label: string, value: string, change: (value: string) => void}} props */
const Typed = ({ label, value, change }) => html`<div class="field"><label>${label}
  <input class="input" value=${value} required maxlength="64" pattern="[a-z0-9][a-z0-9_\\-]*" onInput=${(/** @type {any} */ event) => change(event.target.value)} /></label></div>`;

/** A draft that an attempt before left behind is made anew from what is typed now. @param {string | null} pipeline */
async function discard(pipeline) {
  if (!pipeline) return;
  const path = `/drafts/${encodeURIComponent(pipeline)}`;
  try {
    const { etag } = await call("GET", path);
    await call("DELETE", path, { etag });
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 404) throw error;
  }
}

/** @param {string} id @param {any[]} pipelines */
function freeId(id, pipelines) {
  const taken = pipelines.map((pipeline) => pipeline.pipeline);
  if (!taken.includes(id)) return id;
  let number = 2;
  while (taken.includes(`${id}-${number}`)) number++;
  return `${id}-${number}`;
}

/** @param {string} template */
const titleOf = (template) => textOr(`template ${template}`, template);
/** @param {string} words */
const sentence = (words) => `${words.charAt(0).toLocaleUpperCase(lang())}${words.slice(1)}.`;

/** @param {{pipelines: any[]}} props */
function Existing({ pipelines }) {
  const [chosen, choose] = useState(pipelines[0].pipeline);
  return html`<details class="spaced"><summary>${t("or a pipeline there is")}</summary>
    <${Select} label=${t("pipeline")} value=${chosen} choices=${pipelines.map((pipeline) => [pipeline.pipeline, pipeline.name || pipeline.pipeline])} onChange=${(/** @type {any} */ event) => choose(event.target.value)} />
    <p><${Button} onClick=${() => filter({ pipeline: chosen })}>${t("go on with it")}<//></p>
  </details>`;
}

/** @param {{pipeline: string}} props */
function Chosen({ pipeline }) {
  const live = useLive(() => get(`/pipelines/${encodeURIComponent(pipeline)}`), [pipeline], 0);
  const warnings = warned.value[pipeline] ?? [];
  return html`<${Shown} live=${live}>${(/** @type {any} */ made) => html`
    <p><b dir="auto">${made.name || made.pipeline}</b> ${t("published as", { version: made.version })} <span class="dim">${made.content.stages.map((/** @type {any} */ stage) => stage.name ?? stage.id).join(" · ")}</span></p>
    ${warnings.map((warning) => html`<div class="note wait" key=${warning.pointer}><p><b>${t(warning.pointer.startsWith("/senders") ? "sender not verified" : "warning")}</b></p><p>${warning.text}</p></div>`)}
    <p class="row links"><a href=${to(["automation", pipeline])}>${t("see its automation")}</a>
      <button type="button" class="link" onClick=${() => filter({ pipeline: "", connection: "", envelope: "", last: "", document: "" })}>${t("choose again")}</button></p>`}<//>`;
}
