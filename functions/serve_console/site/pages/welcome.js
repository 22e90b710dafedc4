// @ts-check
/** The first visit: from a template to a document that moves, in four steps whose progress is in the address. */
import { useEffect, useRef } from "../vendor/preact.js";
import { get } from "../lib/api.js";
import { PageHead, Pill, Unpublished, html, learn, refused, route, t, useLive } from "../lib/ui.js";
import { Template } from "./welcome/template.js";
import { Provider } from "./welcome/provider.js";
import { Events } from "./welcome/events.js";
import { Moving } from "./welcome/moving.js";

await learn("connections");

const STEPS = ["template", "provider", "events", "moving"];
const PARTS = { template: Template, provider: Provider, events: Events, moving: Moving };

/** False where the address names a pipeline that is not published. @param {string | null} pipeline */
async function isPublished(pipeline) {
  try {
    if (pipeline) await get(`/pipelines/${encodeURIComponent(pipeline)}`);
    return true;
  } catch (error) {
    return /** @type {any} */ (error).status !== 404;
  }
}

export default function Welcome() {
  const { query } = route.value;
  const given = Object.fromEntries(["pipeline", "connection", "envelope", "last", "document"].map((name) => [name, query.get(name)]));
  const published = useLive(() => isPublished(given.pipeline), [given.pipeline], 0);
  const unpublished = published.value.value === false ? given.pipeline : null;
  const at = !given.pipeline || unpublished ? 0 : !given.connection ? 1 : !given.document ? 2 : 3;
  const was = useRef(at);
  useEffect(() => {
    if (at > was.current && at < 3) document.getElementById(`step-${at}`)?.focus();
    was.current = at;
  }, [at]);
  const why = refused("administrator");
  return html`<div class="page wide">
    <${PageHead} title=${t("page welcome")} />
    <p class="spaced prose">${t("no pipeline about")} ${t("welcome about")}</p>
    ${why ? html`<p class="note wait prose">${why}</p>` : null}
    <ol class="journey">${STEPS.map((name, index) => {
      const open = index === at || (index === 2 && at === 3);
      return html`<li key=${name} class=${index > at ? "later" : ""}><section class="panel" aria-labelledby=${`step-${index}`} aria-current=${index === at ? "step" : undefined}>
        <header class="row"><span class="order" aria-hidden="true">${index + 1}</span><h2 id=${`step-${index}`} tabindex="-1">${t(`step ${name}`)}</h2>
          ${index < at || (index === 3 && given.last === "completed") ? html`<${Pill} tone="ok">${t("step done")}<//>` : index === at ? html`<${Pill} tone="wait">${t("step now")}<//>` : null}</header>
        <p class="dim spaced">${t(`step ${name} about`)}</p>
        ${index === 0 && unpublished ? html`<div class="spaced" key=${unpublished}><${Unpublished} pipeline=${unpublished} /></div>` : null}
        ${index > at ? null : html`<${/** @type {any} */ (PARTS)[name]} ...${given} open=${open} />`}
      </section></li>`;
    })}</ol>
  </div>`;
}
