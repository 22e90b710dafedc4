// @ts-check
/** Messages that were given up (dead letters), and those of a pause that could not be applied. */
import { useState } from "../../vendor/preact.js";
import { get, post } from "../../lib/api.js";
import { Button, Failed, FormDialog, Pill, Shown, age, deadLetters, html, moment, recount, route, say, t, useLive } from "../../lib/ui.js";
import { ByPipeline, Chosen } from "../../lib/lists.js";
import { DocumentLink, usePipelines } from "../../lib/names.js";

const QUEUES = ["parked", "dispatch", "statistics", "schedule", "email", "web", "document", "feedback"];
const TONES = { send_back: "wait", remove: "plain", leave: "bad", keep: "bad" };
const RUN = /^(?:run|report on) (.+)\.(\d+)\.([a-z0-9_.~-]+)$/;

/** @param {{filtered?: boolean}} props */
export function DeadLetters({ filtered }) {
  const queue = (filtered && route.value.query.get("queue")) || "";
  const live = useLive(() => (queue ? get("/dead-letters", { queue }) : deadLetters()), [queue], 60);
  const [asking, ask] = useState(false);
  const act = useActs(live);
  return html`<section class="panel" aria-label=${t("trouble dead")}><${Shown} live=${live}>${(/** @type {any} */ page) => html`
    <header class="row"><h2>${t("trouble dead")}</h2><span class="grow"></span>
      ${page.items.some((/** @type {any} */ one) => ["send_back", "remove"].includes(one.action)) ? html`<${Button} role="operator" onClick=${act.of(async () => {
        const done = await post("/dead-letters/redrive", { queue: queue || null });
        say(t("redriven", { n: done.items.filter((/** @type {any} */ one) => ["send_back", "remove"].includes(one.action)).length }));
      })}>${t(queue ? "redrive queue" : "redrive all")}<//>` : null}
      ${page.items.some((/** @type {any} */ one) => one.action === "leave") ? html`<${Button} role="administrator" danger onClick=${() => ask(true)}>${t("drop dead")} …<//>` : null}</header>
    <p class="about">${t("trouble dead about")}</p>
    ${filtered ? html`<div class="filters"><${Chosen} name="queue" label=${t("queue")} value=${queue} choices=${[["", t("all")], ...QUEUES.map((one) => [one, t(`queue ${one}`)])]} /></div>` : null}
    ${act.problem ? html`<${Failed} problem=${act.problem} />` : null}
    ${page.items.length ? null : html`<p class="dim">${t("no dead")}</p>`}
    ${page.items.map((/** @type {any} */ one, /** @type {number} */ index) => html`<${Letter} key=${index} letter=${one} />`)}
    ${asking ? html`<${FormDialog} title=${t("drop dead")} danger action=${t("drop dead")} close=${() => ask(false)} submit=${async () => {
      const done = await post("/dead-letters/drop", { queue: queue || null });
      say(t("dropped", { n: done.items.length }));
      recount();
      live.again();
    }}><p>${t("drop dead about", { n: page.items.filter((/** @type {any} */ one) => one.action === "leave").length })}</p><//>` : null}`}<//>
  </section>`;
}

/** @param {{letter: any}} props */
function Letter({ letter }) {
  const run = RUN.exec(letter.about);
  return html`<div class="entry bare">
    <div>
      <p><b>${t(`queue ${letter.queue}`)}</b> · ${run ? html`<${DocumentLink} id=${run[1]} /> <span class="dim">${run[3]}</span>` : letter.about}</p>
      <p dir="auto">${letter.reason}</p>
      <p class="dim">${t("since", { at: moment(letter.sent_at), span: age(letter.sent_at) })} · ${t(`cure ${letter.action}`)}</p>
    </div>
    <${Pill} tone=${/** @type {any} */ (TONES)[letter.action]}>${t(`cure word ${letter.action}`)}<//>
  </div>`;
}

/** @param {{filtered?: boolean}} props */
export function HeldMessages({ filtered }) {
  const pipeline = (filtered && route.value.query.get("pipeline")) || "";
  const live = useLive(() => get("/held-messages", { pipeline }), [pipeline], 20);
  return html`<section class="panel" aria-label=${t("trouble held")}>
    <header class="row"><h2>${t("trouble held")}</h2></header><p class="about">${t("trouble held about")}</p>
    ${filtered ? html`<div class="filters"><${ByPipeline} value=${pipeline} /></div>` : null}
    <${Shown} live=${live}>${(/** @type {any} */ page) => {
      const ids = [...new Set(page.items.map((/** @type {any} */ one) => one.pipeline))];
      return html`${ids.length ? null : html`<p class="dim">${t("no held")}</p>`}
        ${ids.map((id) => html`<${HeldOf} key=${id} pipeline=${id} rows=${page.items.filter((/** @type {any} */ one) => one.pipeline === id)} live=${live} />`)}`;
    }}<//>
  </section>`;
}

/** @param {any} props */
function HeldOf({ pipeline, rows, live }) {
  const [asking, ask] = useState(false);
  const [left, know] = useState(/** @type {any[]} */ ([]));
  const act = useActs(live);
  const name = usePipelines().find((one) => one.pipeline === pipeline)?.name || pipeline;
  return html`<div>
    <header class="row"><h3>${name}</h3><span class="grow"></span>
      <${Button} role="operator" aria-label=${`${t("apply again")}: ${name}`} onClick=${act.of(async () => {
        const done = (await post("/held-messages/retry", { pipeline })).items;
        know(done.filter((/** @type {any} */ one) => one.reason));
        say(t("applied", { n: done.filter((/** @type {any} */ one) => !one.reason).length, all: done.length }));
      })}>${t("apply again")}<//>
      <${Button} role="administrator" danger aria-label=${`${t("drop it")}: ${name}`} onClick=${() => ask(true)}>${t("drop it")} …<//></header>
    ${act.problem ? html`<${Failed} problem=${act.problem} />` : null}
    ${left.length ? html`<div role="alert"><p><b>${t("still not applied", { n: left.length })}</b></p><ul>${left.map((one, index) => html`<li key=${index}>${moment(one.received_at)}, ${one.connection}: ${one.reason}</li>`)}</ul></div>` : null}
    ${rows.map((/** @type {any} */ one, /** @type {number} */ index) => html`<div class="entry bare" key=${index}><div>
      <p><b>${t("message of", { connection: one.connection, at: moment(one.received_at) })}</b>${one.envelope ? html` · ${t("envelope")} ${one.envelope}` : ` · ${t("report on a mail")}`}</p>
      <p dir="auto">${one.reason}</p><p class="dim">${t("message set aside", { at: moment(one.at), span: age(one.at) })}</p></div></div>`)}
    ${asking ? html`<${FormDialog} title=${t("drop held")} danger action=${t("drop it")} close=${() => ask(false)} submit=${async () => {
      say(t("dropped", { n: (await post("/held-messages/drop", { pipeline })).dropped }));
      recount();
      live.again();
    }}><p>${t("drop held about", { n: rows.length, pipeline: name })}</p><//>` : null}
  </div>`;
}

/** Acts of which one goes on at a time, and what went wrong with the last. @param {import("../../lib/api.js").Live<any>} live */
export function useActs(live) {
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [busy, set] = useState(false);
  return {
    problem,
    busy,
    /** @param {() => Promise<void>} act */
    of: (act) => async () => {
      if (busy) return;
      set(true);
      tell(null);
      try {
        await act();
        recount();
      } catch (error) {
        tell(error);
      }
      set(false);
      live.again();
    },
  };
}
