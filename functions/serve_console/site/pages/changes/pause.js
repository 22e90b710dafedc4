// @ts-check
/** Pausing and resuming a pipeline, with what waits meanwhile and what a resume could not apply. */
import { call, get, post } from "../../lib/api.js";
import { useState } from "../../vendor/preact.js";
import { Button, FormDialog, Panel, Shown, heldText, html, moment, refused, say, t, to, useLive } from "../../lib/ui.js";
import { NotPublished, WAITING, countText, counted, pathOf } from "./parts.js";

/** @param {{context: any, again: () => void}} props */
export default function Pause({ context, again }) {
  if (!context.head) return html`<${NotPublished} context=${context} />`;
  return html`<${OfPublished} context=${context} again=${again} />`;
}

/** What is on hold, or would be. @param {string} pipeline */
async function waiting(pipeline) {
  const [due, ahead, documents] = await Promise.all([
    counted("/runs", { pipeline, state: "ready", due_before: new Date().toISOString() }),
    counted("/runs", { pipeline, state: WAITING }),
    counted("/documents", { pipeline }),
  ]);
  return { due, ahead, documents };
}

/** @param {{context: any, again: () => void}} props */
function OfPublished({ context, again }) {
  const { pipeline, head } = context;
  const live = useLive(() => waiting(pipeline), [pipeline, head.paused], 30);
  const [asking, ask] = useState(false);
  const [resumed, tell] = useState(/** @type {any} */ (null));
  const path = pathOf(pipeline);
  return html`
    <${Panel} title=${head.paused ? t("is paused") : t("is running")} actions=${head.paused
      ? html`<${Button} main role="administrator" onClick=${() => ask(true)}>${t("resume")}<//>`
      : html`<${Button} role="administrator" onClick=${() => ask(true)}>${t("pause")}<//>`}>
      <p>${head.paused ? t("is paused about") : t("is running about")}</p>
      <${Shown} live=${live}>${(/** @type {any} */ state) => html`<ul>
        <li>${countText(state.documents, "documents")}</li>
        <li>${countText(state.ahead, "runs ahead")}</li>
        ${head.paused ? html`<li>${heldText(head.held_messages)}</li><li>${countText(state.due, "runs held")}</li>` : null}
      </ul>`}<//>
    <//>
    ${resumed ? html`<section class="panel done" role="status" aria-label=${t("resumed")}><h2>${t("resumed")}</h2>
      <p>${t("messages applied", { n: resumed.messages })} ${t("runs due", { n: resumed.runs })}</p>
      ${resumed.problems.length ? html`<ul>${resumed.problems.map((/** @type {string} */ problem) => html`<li key=${problem}>${problem}</li>`)}</ul>` : null}
    </section>` : null}
    ${refused("operator") ? null : html`<${SetAside} pipeline=${pipeline} of=${resumed} />`}
    ${asking ? html`<${FormDialog} title=${head.paused ? t("resume this", { name: head.name || pipeline }) : t("pause this", { name: head.name || pipeline })} action=${head.paused ? t("resume") : t("pause")} close=${() => ask(false)} submit=${async () => {
      if (head.paused) tell(await post(`${path}/resume`));
      else {
        await call("POST", `${path}/pause`, { key: crypto.randomUUID() });
        tell(null);
        say(t("is paused"));
      }
      again();
    }}>
      <p>${head.paused ? t("resume about") : t("pause about")} ${heldText(head.held_messages)}</p>
      ${live.value.value ? html`<p><b>${countText(live.value.value.documents, "documents")}, ${head.paused ? countText(live.value.value.due, "runs held") : countText(live.value.value.ahead, "runs ahead")}</b></p>` : null}
    <//>` : null}`;
}

/** Messages of a pause that could not be applied, with the reason. @param {{pipeline: string, of: any}} props */
function SetAside({ pipeline, of }) {
  const live = useLive(() => get("/held-messages", { pipeline }), [pipeline, of], 30);
  const [dropping, drop] = useState(false);
  const items = live.value.value?.items ?? [];
  if (!items.length) return null;
  return html`<${Panel} title=${t("set aside", { n: items.length })} actions=${html`
    <${Button} role="operator" onClick=${async () => {
      try {
        const tried = await post("/held-messages/retry", { pipeline });
        say(t("messages applied", { n: tried.items.filter((/** @type {any} */ message) => message.reason === null).length }));
      } catch (error) {
        say(/** @type {any} */ (error).message);
      }
      live.again();
    }}>${t("apply again")}<//>
    <${Button} danger role="administrator" onClick=${() => drop(true)}>${t("drop them")}<//>`}>
    <p>${t("set aside about")}</p>
    ${items.map((/** @type {any} */ message) => html`<div class="line" key=${`${message.received_at} ${message.envelope}`}>
      <time datetime=${message.received_at}>${moment(message.received_at)}</time>
      <div><p><a href=${to(["connections", message.connection])}>${message.connection}</a>${message.envelope ? html` <span class="dim">· ${message.envelope}</span>` : null}</p><p class="warned">${message.reason}</p></div>
    </div>`)}
    ${dropping ? html`<${FormDialog} danger title=${t("drop them")} action=${t("drop them")} close=${() => drop(false)} submit=${async () => {
      const done = await post("/held-messages/drop", { pipeline });
      say(t("messages dropped", { n: done.dropped }));
      live.again();
    }}><p>${t("drop messages about", { n: items.length })}</p><//>` : null}
  <//>`;
}
