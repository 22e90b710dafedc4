// @ts-check
/** Messages that were given up (dead letters), and those of a pause that could not be applied. */
import { useState } from "../../vendor/preact.js";
import { get, post } from "../../lib/api.js";
import { Button, Failed, FormDialog, Pill, Shown, age, deadLetters, heldMessages, html, lookAnew, moment, route, say, t, useLive } from "../../lib/ui.js";
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
  const again = () => (live.again(), queue && deadLetters().catch(() => {}));
  const act = useActs(again);
  return html`<section class="panel" aria-label=${t("trouble dead")}><${Shown} live=${live}>${(/** @type {any} */ page) => html`
    <header class="row"><h2>${t("trouble dead")}</h2><span class="grow"></span>
      ${page.items.some((/** @type {any} */ letter) => ["send_back", "remove"].includes(letter.action)) ? html`<${Button} role="operator" onClick=${act.of(async () => {
        const done = await post("/dead-letters/redrive", { queue: queue || null });
        say(t("redriven", { n: done.items.filter((/** @type {any} */ letter) => ["send_back", "remove"].includes(letter.action)).length }));
      })}>${t(queue ? "redrive queue" : "redrive all")}<//>` : null}
      ${page.items.some((/** @type {any} */ letter) => letter.action === "leave") ? html`<${Button} role="administrator" danger onClick=${() => ask(true)}>${t("drop dead")} …<//>` : null}</header>
    <p class="about">${t("trouble dead about")}</p>
    ${filtered ? html`<div class="filters"><${Chosen} name="queue" label=${t("queue")} value=${queue} choices=${[["", t("all")], ...QUEUES.map((queueName) => [queueName, t(`queue ${queueName}`)])]} /></div>` : null}
    ${act.problem ? html`<${Failed} problem=${act.problem} />` : null}
    ${page.items.length ? null : html`<p class="dim">${t("no dead")}</p>`}
    ${page.items.map((/** @type {any} */ letter) => html`<${Letter} key=${letter.id} letter=${letter} again=${again} />`)}
    ${asking ? html`<${FormDialog} title=${t("drop dead")} danger action=${t("drop dead")} close=${() => ask(false)} submit=${async () => {
      const done = await post("/dead-letters/drop", { queue: queue || null });
      say(t("dropped", { n: done.items.length }));
      again();
    }}><p>${t("drop dead about", { n: page.items.filter((/** @type {any} */ letter) => letter.action === "leave").length })}</p><//>` : null}`}<//>
  </section>`;
}

/** @param {{letter: any, again: () => void}} props */
function Letter({ letter, again }) {
  const [asking, ask] = useState(false);
  const act = useActs(again);
  const run = RUN.exec(letter.about);
  const about = `${t(`queue ${letter.queue}`)}, ${letter.about}`;
  const path = `/dead-letters/${letter.queue}/${encodeURIComponent(letter.id)}`;
  return html`<div class="entry bare">
    <div>
      <p><b>${t(`queue ${letter.queue}`)}</b> · ${run ? html`<${DocumentLink} id=${run[1]} /> <span class="dim">${run[3]}</span>` : letter.about}</p>
      <p dir="auto">${letter.reason}</p>
      <p class="dim">${t("since", { at: moment(letter.sent_at), span: age(letter.sent_at) })} · ${t(`cure ${letter.action}`)}</p>
      ${act.problem ? html`<${Failed} problem=${act.problem} />` : null}
    </div>
    <div class="row"><${Pill} tone=${/** @type {any} */ (TONES)[letter.action]}>${t(`cure word ${letter.action}`)}<//>
      ${["send_back", "remove"].includes(letter.action) ? html`<${Button} role="operator" aria-label=${`${t("redrive it")}: ${about}`} onClick=${act.of(async () => {
        await post(`${path}/redrive`);
        say(t("redriven", { n: 1 }));
      })}>${t("redrive it")}<//>` : null}
      <${Button} quiet role="administrator" aria-label=${`${t("drop it")}: ${about}`} onClick=${() => ask(true)}>${t("drop it")} …<//></div>
    ${asking ? html`<${FormDialog} title=${t("drop one dead")} danger action=${t("drop it")} close=${() => ask(false)} submit=${async () => {
      await post(`${path}/drop`);
      say(t("dropped", { n: 1 }));
      again();
    }}><p><b>${about}</b></p><p dir="auto">${letter.reason}</p><p>${t("drop one about")}</p><//>` : null}
  </div>`;
}

/** @param {{filtered?: boolean}} props */
export function HeldMessages({ filtered }) {
  const pipeline = (filtered && route.value.query.get("pipeline")) || "";
  const live = useLive(() => (pipeline ? get("/held-messages", { pipeline }) : heldMessages()), [pipeline], 60);
  return html`<section class="panel" aria-label=${t("trouble held")}>
    <header class="row"><h2>${t("trouble held")}</h2></header><p class="about">${t("trouble held about")}</p>
    ${filtered ? html`<div class="filters"><${ByPipeline} value=${pipeline} /></div>` : null}
    <${Shown} live=${live}>${(/** @type {any} */ page) => {
      const ids = [...new Set(page.items.map((/** @type {any} */ message) => message.pipeline))];
      return html`${ids.length ? null : html`<p class="dim">${t("no held")}</p>`}
        ${ids.map((id) => html`<${HeldOf} key=${id} pipeline=${id} rows=${page.items.filter((/** @type {any} */ message) => message.pipeline === id)} again=${() => (lookAnew(), live.again(), pipeline && heldMessages().catch(() => {}))} />`)}`;
    }}<//>
  </section>`;
}

/** @param {any} props */
function HeldOf({ pipeline, rows, again }) {
  const [asking, ask] = useState(false);
  const [left, know] = useState(/** @type {any[]} */ ([]));
  const act = useActs(again);
  const name = usePipelines().find((row) => row.pipeline === pipeline)?.name || pipeline;
  return html`<div>
    <header class="row"><h3>${name}</h3><span class="grow"></span>
      <${Button} role="operator" aria-label=${`${t("apply again")}: ${name}`} onClick=${act.of(async () => {
        const done = (await post("/held-messages/retry", { pipeline })).items;
        know(done.filter((/** @type {any} */ outcome) => outcome.reason));
        say(t("applied", { n: done.filter((/** @type {any} */ outcome) => !outcome.reason).length, all: done.length }));
      })}>${t("apply again")}<//>
      <${Button} role="administrator" danger aria-label=${`${t("drop it")}: ${name}`} onClick=${() => ask(true)}>${t("drop it")} …<//></header>
    ${act.problem ? html`<${Failed} problem=${act.problem} />` : null}
    ${left.length ? html`<div role="alert"><p><b>${t("still not applied", { n: left.length })}</b></p><ul>${left.map((choice, index) => html`<li key=${index}>${moment(choice.received_at)}, ${choice.connection}: ${choice.reason}</li>`)}</ul></div>` : null}
    ${rows.map((/** @type {any} */ message) => html`<${Held} key=${message.id} ...${{ message: message, know, again }} />`)}
    ${asking ? html`<${FormDialog} title=${t("drop held")} danger action=${t("drop it")} close=${() => ask(false)} submit=${async () => {
      say(t("dropped", { n: (await post("/held-messages/drop", { pipeline })).dropped }));
      again();
    }}><p>${t("drop held about", { n: rows.length, pipeline: name })}</p><//>` : null}
  </div>`;
}

/** @param {{message: any, know: (left: any[]) => void, again: () => void}} props */
function Held({ message, know, again }) {
  const [asking, ask] = useState(false);
  const act = useActs(again);
  const name = t("message of", { connection: message.connection, at: moment(message.received_at) });
  const about = message.envelope ? `${name}, ${message.envelope}` : name;
  const path = `/held-messages/${encodeURIComponent(message.pipeline)}/${message.id}`;
  return html`<div class="entry bare"><div>
      <p><b>${name}</b>${message.envelope ? html` · ${t("envelope")} ${message.envelope}` : ` · ${t("report on a mail")}`}</p>
      <p dir="auto">${message.reason}</p><p class="dim">${t("message set aside", { at: moment(message.at), span: age(message.at) })}</p>
      ${act.problem ? html`<${Failed} problem=${act.problem} />` : null}</div>
    <div class="row"><${Button} quiet role="operator" aria-label=${`${t("apply again")}: ${about}`} onClick=${act.of(async () => {
      const tried = await post(`${path}/retry`);
      know(tried.reason ? [tried] : []);
      if (!tried.reason) say(t("applied", { n: 1, all: 1 }));
    })}>${t("apply again")}<//>
      <${Button} quiet role="administrator" aria-label=${`${t("drop it")}: ${about}`} onClick=${() => ask(true)}>${t("drop it")} …<//></div>
    ${asking ? html`<${FormDialog} title=${t("drop one held")} danger action=${t("drop it")} close=${() => ask(false)} submit=${async () => {
      await post(`${path}/drop`);
      say(t("dropped", { n: 1 }));
      again();
    }}><p><b>${about}</b></p><p dir="auto">${message.reason}</p><p>${t("drop one about")}</p><//>` : null}
  </div>`;
}

/** Acts of which one goes on at a time, and what went wrong with the last. @param {() => void} again */
function useActs(again) {
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [busy, set] = useState(false);
  return {
    problem,
    /** @param {() => Promise<void>} act */
    of: (act) => async () => {
      if (busy) return;
      set(true);
      tell(null);
      try {
        await act();
      } catch (error) {
        tell(error);
      }
      set(false);
      again();
    },
  };
}
