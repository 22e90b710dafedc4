// @ts-check
/** One document: what happens to it and why, what does not and why not, and what people do with it. */
import { useMemo, useState } from "../vendor/preact.js";
import { call, get } from "../lib/api.js";
import { Button, Empty, PageHead, Pill, Shown, age, html, t, to, useLive } from "../lib/ui.js";
import { called } from "../lib/happened.js";
import { Fields, Glance, Signers, Tasks } from "./document/beside.js";
import { chainOf } from "./document/chain.js";
import { Files } from "./document/files.js";
import { Form } from "./document/forms.js";
import { History, useLines, useSought } from "./document/history.js";
import { nameOf, useTouched } from "./document/parts.js";
import { Way } from "./document/way.js";

/** @param {{id: string}} props */
export default function DocumentPage({ id }) {
  const path = `/documents/${encodeURIComponent(id)}`;
  const live = useLive(async () => {
    const [{ value, etag }, why] = await Promise.all([call("GET", path), get(`${path}/why`)]);
    return { document: value, etag, why };
  }, [id]);
  if (live.value.value === null) return html`<${Before} live=${live} id=${id} />`;
  return html`<div class="page wide"><${Shown} live=${live}>${(/** @type {any} */ parts) => html`<${Whole} ...${parts} path=${path} again=${() => live.again()} />`}<//></div>`;
}

/** What is there before the document is, or where there is none. @param {any} props */
function Before({ live, id }) {
  const gone = live.problem.value?.status === 404;
  return html`<div class="page wide"><${PageHead} title=${t("page documents")} />
    ${gone ? html`<${Empty} title=${t("doc gone", { id })}><p>${t("doc gone about")}</p><p><a href=${to(["documents"])}>${t("doc to the list")}</a></p><//>` : html`<${Shown} live=${live}>${() => null}<//>`}
  </div>`;
}

/** @param {any} props */
function Whole({ document, etag, why, path, again }) {
  const about = useLive(async () => {
    const [pipeline, names] = await Promise.all([get(`/pipelines/${encodeURIComponent(document.pipeline)}`), called()]);
    return { stages: pipeline.content.stages, fields: pipeline.content.fields ?? {}, ...names };
  }, [document.pipeline], 60);
  const title = document.title || document.number || document.id;
  if (about.value.value === null) {
    return html`<${PageHead} title=${html`<bdi>${title}</bdi>`} /><${Shown} live=${about}>${() => null}<//>`;
  }
  return html`<${Known} ...${{ etag, path, again, title, known: { ...about.value.value, document, why } }} />`;
}

/** @param {any} props */
function Known({ known, etag, path, again, title }) {
  const { document, why } = known;
  const [asked, ask] = useState(/** @type {any} */ (null));
  const history = useLines(path, document.version);
  const tasks = useLive(() => get(`${path}/tasks`, { limit: 100 }), [path, document.version], 0);
  const [kept, keep] = useState(/** @type {any[]} */ ([]));
  const items = tasks.value.value?.items ?? kept;
  if (tasks.value.value && kept !== items) keep(items);
  const chain = useMemo(() => (history.lines ? chainOf(history.lines, why) : null), [history.lines, why]);
  useSought(history);
  useTouched(chain);
  const seen = () => {
    tasks.again();
    again();
  };
  const lines = history.lines ?? [];
  return html`
    <${PageHead} title=${html`<bdi>${title}</bdi>`} about=${html`<${Pill} tone="wait">${t("in stage since", { stage: nameOf(known.stages, document.stage), span: age(document.since) })}<//>${document.number && document.title ? html`<span class="dim"><bdi>${document.number}</bdi></span>` : null}`}>
      <${Button} role="operator" onClick=${() => ask({ form: "comment" })}>${t("comment")}<//>
      <${Button} role="operator" onClick=${() => ask({ form: "edit" })}>${t("edit")}<//>
      <${Further} ...${{ known, ask }} />
      <${Button} main role="operator" onClick=${() => ask({ form: "move" })}>${t("move to")}<//>
    <//>
    ${why.paused ? html`<p class="banner" role="status">${t("pipeline paused")}</p>` : null}
    ${why.automation ? null : html`<p class="banner" role="status">${t("no automation")}</p>`}
    <${Glance} known=${known} tasks=${items} />
    <${Way} ...${{ known, lines, chain, tasks: items, again: seen, ask }} />
    <div class="two">
      <div>${chain || history.problem ? html`<${History} ...${{ history, known, chain, path }} />` : null}</div>
      <aside aria-label=${t("doc beside")}>
        <${Signers} known=${known} />
        <${Tasks} ...${{ known, tasks: items, problem: tasks.problem.value, again: seen }} />
        <${Fields} known=${known} ask=${ask} />
        <${Files} ...${{ known, path, again: seen }} />
        <p class="dim">${t("doc zone", { zone: why.time_zone })}</p>
      </aside>
    </div>
    ${asked ? html`<${Form} ...${{ asked, known, etag, path, again: seen, close: () => ask(null) }} />` : null}
  `;
}

/** What is done more seldom. @param {any} props */
function Further({ known, ask }) {
  const coded = known.stages.some((/** @type {any} */ stage) => (stage.triggers ?? []).some((/** @type {any} */ trigger) => trigger.kind === "called_by_code"));
  const acts = [
    known.document.envelope?.id ? null : ["attach", "operator", t("doc attach")],
    coded ? ["code", "operator", t("doc call")] : null,
    ["stop", "operator", t("stop rules")],
    ["remove", "administrator", t("doc remove document")],
  ].filter((action) => action !== null);
  return html`<details class="account"><summary class="button">${t("doc further")}</summary><div class="sheet">
    ${acts.map(([form, role, label]) => html`<${Button} key=${form} quiet role=${role} danger=${form === "remove"} onClick=${(/** @type {any} */ event) => {
      event.target.closest("details").open = false;
      ask({ form });
    }}>${label}<//>`)}
  </div></details>`;
}
