// @ts-check
/** Work on many runs in the background: started by a filter, watched, aborted. */
import { useEffect, useRef, useState } from "../vendor/preact.js";
import { get, post, session } from "./api.js";
import { Button, Failed, FormDialog, Pill, Shown, html, moment, recount, say, t, to, textOr, useLive, wordList } from "./ui.js";
import { DocumentLink, ruleName, titleOf, useDocument, usePipeline, usePipelines } from "./names.js";
import { ShiftFields, shiftOf } from "./runs.js";

const PAGES_COUNTED = 5;
const PAGES_SUMMED = 100;
const FRESH = 3 * 60_000;
export const OPEN = ["waiting", "running"];
const TONES = { waiting: "wait", running: "wait", done: "ok", aborted: "plain", failed: "bad" };

/** @typedef {{states: string[], pipeline?: string | null, rule?: string | null, document?: string | null, due_after?: string | null, due_before?: string | null}} Filter */

/** What a filter matches, in words. @param {{of: Filter, zone?: string}} props */
export function Matching({ of, zone }) {
  const content = usePipeline(of.pipeline ?? null);
  const name = usePipelines().find((row) => row.pipeline === of.pipeline)?.name || of.pipeline;
  const subject = useDocument(of.document ?? null);
  const states = of.states.length ? of.states : ["failed", "in_doubt"];
  const parts = [
    wordList(states.map((state) => t(`runs ${state}`))),
    of.rule && t("of rule", { rule: ruleName(content, of.rule) }),
    of.pipeline && t("of pipeline", { pipeline: name }),
    of.document && t("of document", { document: subject?.value ? titleOf(subject.value) : of.document }),
    of.due_after && t("due not before", { at: moment(of.due_after, zone) }),
    of.due_before && t("due until", { at: moment(of.due_before, zone) }),
  ];
  return html`${parts.filter(Boolean).join(", ")}`;
}

/** How many runs a filter matches, as far as they are counted. @param {Filter} filter */
async function count({ states, ...rest }) {
  let n = 0;
  let next = null;
  for (let turn = 0; turn < PAGES_COUNTED; turn++) {
    const page = await get("/runs", { state: states, ...rest, limit: 100, cursor: next });
    n += page.items.length;
    next = page.next;
    if (!next) break;
  }
  return { n, more: next !== null };
}

/** Asks whether all that match are to be changed, and starts that. @param {{filter: Filter, actions: string[], zone?: string, close: () => void, started?: () => void}} props */
export function ChangeAll({ filter, actions, zone = "UTC", close, started }) {
  const [action, choose] = useState(actions[0]);
  const [matching, know] = useState(/** @type {{n: number, more: boolean} | null} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  useEffect(() => {
    count(filter).then(know, tell);
  }, []);
  const title = actions.length === 1 ? t(`all ${action}`) : t("change all");
  return html`<${FormDialog} title=${title} action=${t(`all ${action}`)} danger=${action === "skip"} close=${close} submit=${async (/** @type {FormData} */ form) => {
    await post("/jobs", { action, filter, shift: action === "shift" ? shiftOf(form, zone) : null });
    say(t("job started"));
    started?.();
  }}>
    <p><b><${Matching} of=${filter} zone=${zone} /></b></p>
    <p role="status">${matching ? (matching.more ? t("matches more than", { n: matching.n }) : t("matches", { n: matching.n })) : problem ? null : t("counting")}</p>
    ${problem ? html`<${Failed} problem=${problem} />` : null}
    ${actions.length > 1 ? html`<fieldset class="choice"><legend>${t("what to do")}</legend>${actions.map((choice) => html`<label class="check" key=${choice}><input type="radio" name="action" value=${choice} checked=${choice === action} onChange=${() => choose(choice)} /> ${t(`act ${choice}`)}</label>`)}</fieldset>` : null}
    ${action === "shift" ? html`<${ShiftFields} zone=${zone} />` : null}
    <p class="about">${t(`about ${action === "retry" && filter.states.includes("in_doubt") ? "retry in doubt" : action}`)} ${t("about jobs")}</p>
  <//>`;
}

/** The jobs that go on, and those that have just ended. @param {{again: number}} props `again` grows when one was started. */
export function Jobs({ again }) {
  const [busy, be] = useState(false);
  const live = useLive(() => get("/jobs", { limit: 10 }), [again, busy], busy ? 2 : 20);
  const last = useRef(/** @type {any[]} */ ([]));
  last.current = live.value.value?.items ?? last.current;
  const now = Date.now();
  const rows = last.current.filter((/** @type {any} */ job) => OPEN.includes(job.state) || (job.by === session.value?.name && now - Date.parse(job.ended_at) < FRESH));
  const open = rows.filter((/** @type {any} */ job) => OPEN.includes(job.state)).length;
  const before = useRef(0);
  useEffect(() => {
    if (open < before.current) recount();
    before.current = open;
    be(open > 0);
  }, [open]);
  if (!rows.length) return null;
  return html`<section class="panel" aria-label=${t("jobs")}>
    <header class="row"><h2>${t("jobs")}</h2><span class="grow"></span><a href=${to(["inbox", "jobs"])}>${t("all jobs")}</a></header>
    ${rows.map((/** @type {any} */ job) => html`<${JobRow} key=${job.id} job=${job} again=${() => live.again()} />`)}
  </section>`;
}

/** How a job stands, in a word. @param {{job: any}} props */
export const JobState = ({ job }) => html`<${Pill} tone=${/** @type {any} */ (TONES)[job.state]}>${t(job.state === "aborted" ? "job aborted state" : `job ${job.state}`)}<//>`;

/** @param {{job: any, again: () => void}} props */
export function JobRow({ job, again }) {
  const [problem, tell] = useState(/** @type {any} */ (null));
  const open = OPEN.includes(job.state);
  const worked = job.done + job.refused;
  return html`<div class="entry jobrow" id=${`job-${job.id}`}>
    <${JobState} job=${job} />
    <div>
      <p><a href=${to(["inbox", "jobs", job.id])}><${What} job=${job} /></a></p>
      ${open ? html`<progress aria-label=${t("progress")} max=${Math.max(job.matched, 1)} value=${job.matched ? worked : undefined}></progress>` : null}
      <p role="status">${[t("n done", { n: job.done }), job.refused ? t("n refused", { n: job.refused }) : null, open || job.left ? t("n left", { n: job.left }) : null].filter(Boolean).join(" · ")}</p>
      <p class="dim">${t("started by", { by: job.by, at: moment(job.created_at) })}${job.ended_at ? ` · ${t("ended", { at: moment(job.ended_at) })}` : ""}${job.reason ? ` · ${job.reason}` : ""}</p>
      ${job.refusals.length ? html`<details><summary>${t("what was refused")}</summary><ul>${job.refusals.map((/** @type {any} */ refusal) => html`<li key=${refusal.item}><${Refused} ...${refusal} of=${job.kind} /></li>`)}</ul>
        ${job.refused > job.refusals.length ? html`<p class="dim">${t("refusals beyond", { n: job.refused - job.refusals.length })}</p>` : null}</details>` : null}
      ${problem ? html`<${Failed} problem=${problem} />` : null}
    </div>
    <div class="row">${open ? html`<${Button} role=${roleOf(job)} danger aria-label=${`${t("abort")}: ${job.id}`} onClick=${async () => {
      try {
        await post(`/jobs/${encodeURIComponent(job.id)}/abort`);
        say(t("job aborted"));
      } catch (error) {
        tell(error);
      }
      again();
    }}>${t("abort")}<//>` : null}</div>
  </div>`;
}

/** Who may abort a job: whoever may start one of its kind. @param {any} job */
const roleOf = (job) => (["change_runs", "move_documents"].includes(job.kind) ? "operator" : "administrator");

/** What a job is to do. @param {{job: any}} props */
function What({ job }) {
  if (job.kind === "backfill") return html`<${Backfilled} ...${JSON.parse(job.arguments)} />`;
  if (job.kind !== "change_runs" || !job.arguments) {
    const pipeline = job.arguments ? JSON.parse(job.arguments).pipeline : null;
    return html`${textOr(`job kind ${job.kind}`, job.kind)}${pipeline ? html`: <span dir="auto">${pipeline}</span>` : null}`;
  }
  const { change, filter = {} } = JSON.parse(job.arguments); // without what is as it is assumed
  const states = [...(filter.states ?? []), ...(filter.failed ? ["failed"] : []), ...(filter.in_doubt ? ["in_doubt"] : [])];
  const when = change.to ? ` ${t("shifted to", { at: moment(change.to) })}` : "";
  return html`${t(`act ${change.action}`).replace(/\s*…$/, "")}${when}: <${Matching} of=${{ ...filter, states }} />`;
}

/** @param {{pipeline: string, rule: string}} props */
function Backfilled({ pipeline, rule }) {
  const content = usePipeline(pipeline);
  return html`${t("job backfills", { rule: ruleName(content, rule), pipeline: content?.name || pipeline })}`;
}

/** @param {{item: string, reason: string, of: string}} props */
function Refused({ item, reason, of }) {
  if (of !== "change_runs") return html`<${DocumentLink} id=${item} />: ${reason}`;
  const document = /^(.+)\.\d+\.(?:trigger\.)?[a-z0-9_-]+(?:~\d+)?$/.exec(item)?.[1];
  return html`${document ? html`<${DocumentLink} id=${document} />` : item}: ${reason} <span class="dim">${document ? item.slice(document.length + 1) : ""}</span>`;
}

/** All jobs of the last 30 days, or one. @param {{id: string | null}} props */
export function JobList({ id }) {
  const live = useLive(() => (id ? get(`/jobs/${encodeURIComponent(id)}`).then((job) => ({ items: [job] })) : get("/jobs", { limit: 50 })), [id], 4);
  return html`<section class="panel" aria-label=${t("jobs")}><header class="row"><h2>${t("jobs")}</h2></header><p class="about">${t("jobs about")}</p>
    ${id ? html`<p><a href=${to(["inbox", "jobs"])}>${t("all jobs")}</a></p>` : null}
    <${Shown} live=${live}>${(/** @type {any} */ page) => (page.items.length ? page.items.map((/** @type {any} */ job) => html`<${JobRow} key=${job.id} job=${job} again=${() => live.again()} />`) : html`<p class="dim">${t("no job")}</p>`)}<//>
  </section>`;
}

/** One job that was started here, until it has ended and after. @param {{id: string, label?: string, inside?: boolean, about?: (job: any) => any, ended?: () => void}} props `ended` is told once; `inside`: of another panel; `about`: what is to be known of it in its state. */
export function JobProgress({ id, label, inside, about, ended }) {
  const [busy, be] = useState(true);
  const live = useLive(() => get(`/jobs/${encodeURIComponent(id)}`), [id, busy], busy ? 1 : 0);
  const last = useRef(/** @type {any} */ (null));
  const job = live.value.value ?? (last.current?.id === id ? last.current : null);
  last.current = job;
  const open = !job || OPEN.includes(job.state);
  useEffect(() => {
    if (open !== busy) be(open);
    if (!open) ended?.();
  }, [open, id]);
  const own = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const timer = setTimeout(() => document.activeElement === document.body && own.current?.focus()); // once the dialog is gone
    return () => clearTimeout(timer);
  }, [id]);
  return html`<section class=${inside ? undefined : "panel"} aria-label=${label ?? t("jobs")} tabindex="-1" ref=${own}>
    ${job ? html`<${JobRow} job=${job} again=${() => live.again()} />${about?.(job)}` : html`<${Shown} live=${live}>${() => null}<//>`}
  </section>`;
}

/**
 * The numbers of all pages of a preview, added up until there are `most`; the rest is as on the last one.
 *
 * @param {(cursor: string | null) => Promise<any>} page @param {number} most
 */
export async function summed(page, most) {
  let sum = await page(null);
  for (let pages = 1; sum.next && sum.documents < most && pages < PAGES_SUMMED; pages++) {
    const more = await page(sum.next);
    const sums = Object.entries(sum).filter(([, value]) => typeof value === "number").map(([name, value]) => [name, value + more[name]]);
    sum = { ...more, ...Object.fromEntries(sums), refusals: [...sum.refusals, ...more.refusals] };
  }
  return sum;
}
