// @ts-check
/** Removing a pipeline with its documents: what is lost is named in numbers, and its id is typed. */
import { useState } from "../../vendor/preact.js";
import { get, post } from "../../lib/api.js";
import { JobProgress } from "../../lib/jobs.js";
import { Button, Field, FormDialog, Panel, Shown, filter, html, refused, route, say, t, to, useLive } from "../../lib/ui.js";
import { NotPublished, pathOf } from "./parts.js";

/** @param {{context: any, again: () => void}} props */
export default function Remove({ context, again }) {
  const job = route.value.query.get("job");
  const [ended, end] = useState(/** @type {string | null} */ (null));
  const done = () => {
    end(job);
    again();
  };
  return html`
    ${job ? html`<${Panel} title=${t("removing", { pipeline: context.pipeline })}>
      <${JobProgress} inside key=${job} id=${job} label=${t("removing", { pipeline: context.pipeline })} ended=${done} />
      ${context.head ? null : html`<p><a href=${to(["changes"])}>${t("all pipelines")}</a></p>`}
    <//>` : null}
    ${context.head ? html`<${OfPublished} context=${context} job=${job} busy=${Boolean(job) && ended !== job} />` : job ? null : html`<${NotPublished} context=${context} />`}`;
}

/** @param {{context: any, job: string | null, busy: boolean}} props */
function OfPublished({ context, job, busy }) {
  const [asking, ask] = useState(false);
  const [known, know] = useState(/** @type {any} */ (null));
  const path = `${pathOf(context.pipeline)}/removal`;
  const may = !refused("administrator");
  const live = useLive(async () => {
    const removal = may ? await get(path) : null;
    know(removal);
    return { removal };
  }, [path, may, job], 30);
  const connected = Boolean(known?.connections.length);
  const button = html`<${Button} danger role="administrator" disabled=${!known || connected || busy} onClick=${() => ask(true)}>${t("remove …")}<//>`;
  return html`<${Panel} title=${t("remove pipeline")} actions=${button}>
    <p class="prose">${t("remove pipeline about")}</p>
    <${Shown} live=${live}>${(/** @type {{removal: any}} */ { removal }) => (removal ? html`<${Lost} of=${removal} />` : html`<p class="dim">${refused("administrator")}</p>`)}<//>
    ${asking && known ? html`<${Ask} context=${context} of=${known} close=${() => ask(false)} />` : null}
  <//>`;
}

/** What is lost, and what stands in the way. @param {{of: any}} props */
function Lost({ of }) {
  if (of.connections.length) {
    return html`<p class="warned">${t("remove connections first", { n: of.connections.length })}</p>
      <ul>${of.connections.map((/** @type {string} */ connection) => html`<li key=${connection}><a href=${to(["connections", connection])}>${connection}</a></li>`)}</ul>`;
  }
  return html`<ul class="gap">
    <li>${t("lost documents", { n: of.documents })}</li>
    <li>${t("lost versions", { n: of.version })}</li>
    <li>${t("lost messages")}</li>
  </ul>`;
}

/** @param {{context: any, of: any, close: () => void}} props */
function Ask({ context, of, close }) {
  const { pipeline, head } = context;
  const check = (/** @type {any} */ event) => event.target.setCustomValidity(event.target.value.trim() === pipeline ? "" : t("type the id", { pipeline }));
  return html`<${FormDialog} danger title=${t("remove this", { name: head.name || pipeline })} action=${t("remove for good")} close=${close} submit=${async () => {
    const job = await post(`${pathOf(pipeline)}/removal`);
    say(t("job started"));
    filter({ job: job.id });
  }}>
    <p><b>${t("lost for good")}</b></p>
    <${Lost} of=${of} />
    <p class="prose">${t("remove goes on")}</p>
    <${Field} label=${t("type the id", { pipeline })}>${(/** @type {any} */ given) => html`<input class="input" required autocomplete="off" autocapitalize="none" spellcheck="false" onInput=${check} ...${given} />`}<//>
  <//>`;
}
