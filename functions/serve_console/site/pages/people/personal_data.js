// @ts-check
/**
 * Personal data: what is known of a person, given out and erased.
 *
 * The person's address stands in no address of the console, as it stands in none of the API: what was
 * looked for is in memory alone.
 */
import { signal, useEffect, useRef, useState } from "../../vendor/preact.js";
import { call, post, whole } from "../../lib/api.js";
import { JobProgress, JobState, OPEN } from "../../lib/jobs.js";
import { Button, Empty, Failed, Field, FormDialog, Panel, filter, html, moment, number, route, say, t, to, useLive } from "../../lib/ui.js";
import { download, listed } from "../../lib/whole.js";
import { Option } from "./parts.js";

const PAGE = 20;
const FILES = ["contract", "invoice", "offer", "attachment", "signed_pdf", "audit_trail"];
/** What the law often asks to be kept: chosen to stay until somebody decides otherwise. */
const KEPT = ["contract", "invoice"];

/** Who was looked for, and what was found; it outlives other parts of the page, and no reload. */
const asked = signal({ address: "", names: "" });
const subject = signal(/** @type {{address: string, names: string[], items: any[]} | null} */ (null));

export default function PersonalData() {
  const job = route.value.query.get("job");
  return html`<p class="intro">${t("data intro")}</p>
    ${job ? html`<${Progress} key=${job} id=${job} />` : null}
    <${Search} />
    ${subject.value ? html`<${Known} known=${subject.value} />` : null}
    <${Before} />`;
}

function Search() {
  const [count, tell] = useState(/** @type {number | null} */ (null));
  const [problem, fail] = useState(/** @type {any} */ (null));
  const stop = useRef(/** @type {AbortController | null} */ (null));
  useEffect(() => () => stop.current?.abort(), []);
  async function look(/** @type {Event} */ event) {
    event.preventDefault();
    if (count !== null) return;
    const own = (stop.current = new AbortController());
    const address = asked.value.address.trim();
    const names = namesOf(asked.value.names);
    fail(null);
    tell(0);
    try {
      const body = { address, names, limit: PAGE };
      const page = async (/** @type {string | null} */ cursor) => (await call("POST", "/personal-data/exports", { body: cursor ? { ...body, cursor } : body, signal: own.signal })).value;
      const { items } = await whole(page, { progress: tell, stop: own.signal });
      if (!own.signal.aborted) subject.value = { address, names, items };
    } catch (error) {
      if (!own.signal.aborted) fail(error);
    }
    tell(null);
  }
  const type = (/** @type {string} */ name) => (/** @type {any} */ event) => (asked.value = { ...asked.value, [name]: event.target.value });
  return html`<${Panel} title=${t("data find")}>
    <form onSubmit=${look}>
      <${Field} label=${t("people address")}>${(/** @type {any} */ given) => html`<input class="input" type="email" required maxlength="320" autocomplete="off" value=${asked.value.address} onInput=${type("address")} ...${given} />`}<//>
      <${Field} label=${t("data names")} help=${t("data names help")}>${(/** @type {any} */ given) => html`<textarea class="input area" value=${asked.value.names} onInput=${type("names")} ...${given}></textarea>`}<//>
      ${problem ? html`<${Failed} problem=${problem} />` : null}
      <p class="row">
        <button class="button main" aria-disabled=${count === null ? undefined : "true"}>${count === null ? t("data look") : t("working")}</button>
        ${count === null ? html`<span class="dim">${t("data noted")}</span>` : html`<span role="status">${t("data so far", { n: count })}</span> <${Button} quiet onClick=${() => stop.current?.abort()}>${t("cancel")}<//>`}
      </p>
    </form>
  <//>`;
}

/** The names as they are typed, one a line. @param {string} text */
const namesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

const PARTS = ["signers", "timeline", "runs", "tasks", "events", "files"];
/** @param {any[]} items @param {string} part */
const sum = (items, part) => items.reduce((all, item) => all + item[part].length, 0);

/** @param {{known: {address: string, names: string[], items: any[]}}} props */
function Known({ known }) {
  const [asking, ask] = useState(false);
  const { items, address } = known;
  const title = t("data known of", { address });
  if (!items.length) return html`<${Panel} title=${title}><${Empty} title=${t("data nothing")}><p>${t("data nothing about")}</p><//><//>`;
  return html`<${Panel} title=${title} actions=${html`
      <${Button} onClick=${() => {
        download(`personal-data-${new Date().toISOString().slice(0, 10)}.json`, `${JSON.stringify(items, null, 2)}\n`, "application/json");
        say(t("data exported", { n: items.length }));
      }}>${t("data export")}<//>
      <${Button} danger role="administrator" onClick=${() => ask(true)}>${t("data erase …")}<//>`}>
    <p role="status" class="intro">${t("data summary", { n: items.length })} ${t("data summary parts", { signers: sum(items, "signers"), timeline: sum(items, "timeline"), runs: sum(items, "runs"), tasks: sum(items, "tasks"), events: sum(items, "events"), files: sum(items, "files") })}</p>
    ${items.some((item) => item.messages_left_out) ? html`<p class="notice">${t("data left out")}</p>` : null}
    <ul class="roster" aria-label=${title}>${items.map((item) => html`<li key=${item.document.id}>
      <a href=${to(["documents", item.document.id])} dir="auto">${item.document.title || item.document.number || item.document.id}</a>
      <span class="dim">${PARTS.filter((part) => item[part].length).map((part) => `${t(`data ${part}`)} ${number(item[part].length)}`).join(" · ")}</span>
    </li>`)}</ul>
    ${asking ? html`<${Erase} known=${known} close=${() => ask(false)} />` : null}
  <//>`;
}

/** What is lost is named, and the address is typed again. @param {{known: {address: string, names: string[], items: any[]}, close: () => void}} props */
function Erase({ known, close }) {
  const { items, address, names } = known;
  const [kept, keep] = useState(KEPT);
  const files = items.flatMap((item) => item.files);
  const lost = files.filter((file) => !kept.includes(file.kind)).length;
  return html`<${FormDialog} danger wide title=${t("data erase person", { address })} action=${t("data erase")} close=${close} submit=${async () => {
    const job = await post("/personal-data/erasures", { address, names, keep_files: kept });
    subject.value = null;
    asked.value = { address: "", names: "" };
    filter({ job: job.id });
  }}>
    <div class="notice bad"><p><b>${t("data lost")}</b></p><ul>
      <li>${t("data lost documents", { n: items.length })}</li>
      <li>${t("data lost names", { names: [address, ...names].join(", ") })}</li>
      <li>${t("data lost files", { n: lost })}</li>
      <li>${t("data lost mails")}</li>
    </ul></div>
    <fieldset class="optionset"><legend>${t("data keep")}</legend>
      ${FILES.map((kind) => html`<${Option} key=${kind} type="checkbox" checked=${kept.includes(kind)} onChange=${() => keep(kept.includes(kind) ? kept.filter((other) => other !== kind) : [...kept, kind])} label=${html`${t(`file ${kind}`)} <span class="dim">${t("data files here", { n: files.filter((file) => file.kind === kind).length })}</span>`} />`)}
      <p class="dim">${t("data keep about")}</p>
    </fieldset>
    <details class="bar-of"><summary>${t("data not reached")}</summary><ul>${["provider", "mails", "waiting", "backups", "comments"].map((comment) => html`<li key=${comment}>${t(`data not ${comment}`)}</li>`)}</ul></details>
    <${Field} label=${t("data type", { address })}>${(/** @type {any} */ given) => html`<input class="input" required autocomplete="off" autocapitalize="none" spellcheck="false" onInput=${(/** @type {any} */ event) => event.target.setCustomValidity(same(event.target.value, address) ? "" : t("data type other", { address }))} ...${given} />`}<//>
  <//>`;
}
/** @param {string} text @param {string} other */
const same = (text, other) => text.trim().toLowerCase() === other.toLowerCase();

/** How far an erasure is, what it refused, and what is to be done then. @param {{id: string}} props */
const Progress = ({ id }) => html`<${Panel} title=${t("data erasure")} actions=${html`<${Button} quiet onClick=${() => filter({ job: "" })}>${t("data hide")}<//>`}>
  <${JobProgress} inside id=${id} label=${t("progress")} about=${(/** @type {any} */ job) => html`
    ${OPEN.includes(job.state) ? html`<p class="dim">${t("data goes on")}</p>` : null}
    ${job.refusals.length ? html`<p class="dim">${t("data refusals about")}</p>` : null}
    ${job.state === "aborted" || job.state === "failed" ? html`<p>${t("data again")}</p>` : null}`} />
<//>`;

/** The erasures of the last 30 days. */
function Before() {
  const live = useLive(() => whole(listed("/jobs"), { most: 300 }), [], 15);
  const open = route.value.query.get("job");
  const jobs = (live.value.value?.items ?? []).filter((/** @type {any} */ job) => job.kind === "erase_person" && job.id !== open);
  if (!jobs.length) return null;
  return html`<${Panel} title=${t("data before")}>${jobs.map((/** @type {any} */ job) => html`<div class="line" key=${job.id}>
    <${JobState} job=${job} />
    <p><a href=${to(["people", "personal-data"], { job: job.id })}>${moment(job.created_at)}</a> · ${t("data done", { n: job.done })}${job.refused ? ` ${t("data refused", { n: job.refused })}` : ""} <span class="dim">${t("data begun by", { by: job.by })}</span></p>
  </div>`)}<//>`;
}
