// @ts-check
/** A document's way: the stages side by side, with what its triggers and rules did, do and will do, and why not. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { post } from "../../lib/api.js";
import { LinkButton, Pill, age, html, moment, say, t, translated } from "../../lib/ui.js";
import { barred, partName, runName, runWords, sentence, timing, waitsFor } from "../../lib/happened.js";
import { linePlace, runPlace } from "./chain.js";
import { Clauses, Place, Steps, TONES, touching } from "./parts.js";

const MAILS = ["send_email", "notify_employees", "notify_supervisor", "remind_signer"];
/** The command line's way to change that, which is no use here. */
const COMMAND = /; `countersign[^`]+` .*$|; das ändert `countersign[^`]+`$/;
/** So many rules of a stage that was left are told in one line. */
const FOLDED = 3;
const BEGUN_NOT = ["waiting", "no_date", "ready"];

/** @param {any} props */
export function Way({ known, lines, chain, tasks, again, ask }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const now = /** @type {HTMLElement | null} */ (box.current?.querySelector(".stage.now"));
    if (!box.current || !now) return;
    const end = now.offsetLeft + now.offsetWidth;
    if (end > box.current.clientWidth) box.current.scrollLeft = end - box.current.clientWidth + 24;
  }, [known.document.stage]);
  const narrow = matchMedia("(max-width: 820px)").matches;
  return html`<div class="way" ref=${box} role="group" aria-label=${t("doc way")} tabindex="0">
    ${known.stages.map((/** @type {any} */ stage) => html`<${Stage} key=${stage.id} ...${{ stage, known, lines, chain, tasks, again, ask, narrow }} />`)}
  </div>`;
}

/** @param {any} props */
function Stage({ stage, known, lines, chain, tasks, again, ask, narrow }) {
  const now = stage.id === known.document.stage;
  const arrivals = lines.filter((/** @type {any} */ line) => line.to_stage === stage.id);
  const stays = known.why.entries.filter((/** @type {any} */ entry) => entry.stage === stage.id);
  const stay = now ? stays.find((/** @type {any} */ candidate) => candidate.current) : stays.at(-1);
  const earlier = stays.filter((/** @type {any} */ candidate) => candidate !== stay);
  const runs = (stay?.runs ?? []).filter((/** @type {any} */ run) => !run.rule.startsWith("trigger."));
  const been = now || arrivals.length > 0 || stays.length > 0;
  const planned = new Set(runs.map((/** @type {any} */ run) => run.rule));
  const others = (stage.rules ?? []).filter((/** @type {any} */ rule) => !planned.has(rule.id));
  const later = now ? known.why.added_later : [];
  const name = stage.name ?? stage.id;
  const title = now ? t("here now", { stage: name }) : name;
  const when = stayed({ stage, now, been, arrivals, lines, known });
  const arrival = arrivals[0] ? html`<${Place} place=${linePlace(arrivals[0])} title=${sentence(arrivals[0], known)}>${when}<//>` : when;
  const cancelled = now ? [] : runs.filter((/** @type {any} */ run) => run.state === "cancelled");
  const folded = cancelled.length >= FOLDED ? cancelled : [];
  const drawn = (/** @type {any} */ run) => html`<${Run} key=${`${run.rule} ${run.repeat}`} ...${{ run, entry: stay.entry, known, chain, tasks, again, ask }} />`;
  const body = html`
    <${Triggers} ...${{ stage, known, lines, again, ask }} />
    ${runs.length || others.length || now ? html`<h3>${t(been ? "doc rules" : "doc rules when")}</h3>` : null}
    ${runs.filter((/** @type {any} */ run) => !folded.includes(run)).map(drawn)}
    ${folded.length ? html`<details><summary>${t("doc cancelled", { n: folded.length })}</summary>${folded.map(drawn)}</details>` : null}
    ${now && !runs.length && !others.length && !later.length ? html`<p class="dim">${t("doc no rules")}</p>` : null}
    ${others.map((/** @type {any} */ rule) => html`<${NotStarted} key=${rule.id} ...${{ rule, been, now, known, ask, reason: later.find((/** @type {any} */ due) => due.rule === rule.id)?.words }} />`)}
    ${earlier.length ? html`<details><summary>${t("doc earlier stays", { n: earlier.length })}</summary>
      ${earlier.map((/** @type {any} */ before) => html`<div key=${before.entry}>${before.runs.map((/** @type {any} */ run) => html`<${Run} key=${`${run.rule} ${run.repeat}`} ...${{ run, entry: before.entry, known, chain, tasks, again, ask }} />`)}</div>`)}
    </details>` : null}`;
  return html`<section class=${`stage ${stage.kind ?? "open"} ${now ? "now" : been ? "been" : "ahead"}`} aria-label=${title} style=${stage.color ? { borderTopColor: stage.color } : undefined}>
    ${narrow && !now
      ? html`<details><summary><h2>${title}</h2>${been ? null : html` <small>${when}</small>`}</summary>${been ? html`<small>${arrival}</small>` : null}${body}</details>`
      : html`<header><h2>${title}</h2> <small>${arrival}</small></header>${body}`}
  </section>`;
}

/** When the document was in a stage, as far as the history is loaded. @param {any} props */
function stayed({ stage, now, been, arrivals, lines, known }) {
  if (now) return t("doc since", { at: moment(known.document.since, known.why.time_zone), span: age(known.document.since) });
  if (!been) return t("doc not reached");
  const last = arrivals[0];
  const left = last ? lines.findLast((/** @type {any} */ line) => line.from_stage === stage.id && line.at >= last.at) : null;
  if (!last || !left) return t("doc was here");
  return t("doc from to", { from: moment(last.at, known.why.time_zone), to: moment(left.at, known.why.time_zone) });
}

// --- triggers

/** @param {any} props */
function Triggers({ stage, known, lines, again, ask }) {
  const triggers = stage.triggers ?? [];
  if (!triggers.length) return null;
  return html`<h3>${t("doc triggers")}</h3>${triggers.map((/** @type {any} */ trigger) => html`<${Trigger} key=${trigger.id} ...${{ trigger: trigger, stage, known, lines, again, ask }} />`)}`;
}

/** @param {any} props */
function Trigger({ trigger, stage, known, lines, again, ask }) {
  const judged = judgement(trigger, known, lines, lines.find((/** @type {any} */ line) => line.to_stage === stage.id));
  const why = barred(trigger, stage, known);
  const timer = known.why.entries.flatMap((/** @type {any} */ entry) => entry.runs.map((/** @type {any} */ run) => ({ run, entry: entry.entry, current: entry.current })))
    .findLast((/** @type {any} */ stay) => stay.current && stay.run.rule === `trigger.${trigger.id}`);
  const kind = known.kinds.get(trigger.kind);
  const place = judged ? linePlace(judged.line) : null;
  const waits = waitsFor(trigger, known);
  const fired = judged?.fired;
  const [tone, state] = fired ? ["ok", t("fired")] : judged ? ["plain", t("did not match")] : why ? ["plain", t("doc cannot")] : ["wait", t("doc waits state")];
  return html`<div class="line rulecard trigger" ...${place ? touching(place) : {}}>
    <${Pill} tone=${tone}>${state}<//>
    <div>
      <p><b>${partName(known, trigger)}</b></p>
      ${judged ? html`<p class="dim"><${Place} place=${place} title=${sentence(judged.line, known)}>${moment(judged.line.at, known.why.time_zone)}<//>${judged.fired ? "" : `: ${judged.verdict?.clauses?.length ? t("doc condition not met") : judged.reason}`}</p>` : null}
      ${judged ? html`<${Clauses} verdict=${judged.verdict} known=${known} />` : null}
      ${why && !judged ? html`<p class="dim">${why}</p>` : null}
      ${!why && !judged?.fired ? html`<p class="dim">${waits.length ? t("doc waits for", { who: waits.join(", ") }) : timer ? "" : translated(kind?.description)}</p>` : null}
      ${timer ? html`<${Timer} ...${{ ...timer, known, again, ask }} />` : null}
    </div>
  </div>`;
}

/**
 * Whether a trigger brought the document here; else the last time it was judged, and why it did not fire.
 *
 * @param {any} trigger @param {any} known @param {any[]} lines @param {any} arrival The last in the trigger's stage. @returns {{line: any, fired: boolean, verdict: any, reason?: string} | null}
 */
function judgement(trigger, known, lines, arrival) {
  if (arrival?.by === `trigger:${trigger.id}`) {
    const line = lines.find((candidate) => candidate.fired?.trigger === trigger.id && candidate.at <= arrival.at);
    if (line) return { line, fired: true, verdict: line.fired.verdict };
  }
  for (const line of lines.length ? lines : known.why.decisions) {
    if (line.fired?.trigger === trigger.id) return { line, fired: true, verdict: line.fired.verdict };
    const passed = line.passed.find((/** @type {any} */ candidate) => candidate.trigger === trigger.id);
    if (passed) return { line, fired: false, verdict: passed.verdict, reason: passed.reason };
  }
  return null;
}

/** The timer of a trigger that waits for a time. @param {any} props */
function Timer({ run, entry, known, again, ask }) {
  return html`<p class="dim">${stateOf(run)}${run.due ? ` ${t("until", { at: moment(run.due, known.why.time_zone) })}` : run.reason ? `: ${run.reason}` : ""}</p>
    <${Acts} ...${{ run, entry, known, again, ask }} />`;
}

// --- rules

/** @param {any} props */
function Run({ run, entry, known, chain, tasks, again, ask }) {
  const place = runPlace(entry, run);
  const words = runWords(run, known, tasks);
  const waits = BEGUN_NOT.includes(run.state);
  return html`<div class="line rulecard" id=${place} tabindex="-1" ...${touching(place)}>
    <${Pill} tone=${TONES[run.state]}>${stateOf(run)}<//>
    <div>
      <p><b>${runName(known, run)}</b>${run.due && waits ? ` ${t("until", { at: moment(run.due, known.why.time_zone) })}` : ""}</p>
      ${words ? html`<p class="dim">${words}</p>` : null}
      <${Clauses} verdict=${run.verdict} known=${known} />
      ${chain ? html`<${Steps} ...${{ chain, place, known }} down />` : null}
      <${Acts} ...${{ run, entry, known, again, ask }}>
        ${waits && MAILS.includes(run.kind) ? html`<${LinkButton} onClick=${() => ask({ form: "preview", rule: run.rule, name: runName(known, run) })}>${t("doc preview")}<//>` : null}
      <//>
    </div>
  </div>`;
}

/** What is ready waits until its time has come. @param {any} run */
const stateOf = (run) => t(run.state === "ready" && run.due && Date.parse(run.due) > Date.now() ? "run waiting" : `run ${run.state}`);

/** What a person may do with a run: run now, shift, skip; retry, accept. @param {any} props */
function Acts({ run, entry, known, again, ask, children }) {
  const [busy, set] = useState(false);
  const key = `${known.document.id}.${entry}.${run.rule}${run.repeat ? `.${run.repeat}` : ""}`;
  const acts = ["failed", "in_doubt"].includes(run.state) ? ["retry", "accept", "skip"]
    : run.state === "waiting" ? ["skip"]
    : BEGUN_NOT.includes(run.state) ? ["now", ...(run.due ? ["shift"] : []), "skip"] : [];
  if (!acts.length) return children ? html`<p class="row links">${children}</p>` : null;
  return html`<p class="row links">
    ${acts.map((act) => html`<${LinkButton} key=${act} role="operator" disabled=${busy} onClick=${async () => {
      if (busy) return;
      if (act === "shift") return ask({ form: "shift", run: key, name: runName(known, run), due: run.due });
      set(true);
      try {
        await post(`/runs/${encodeURIComponent(key)}/${act}`);
        say(`${runName(known, run)}: ${t("done it")}`);
      } catch (error) {
        say(/** @type {any} */ (error).message);
      }
      set(false);
      again();
    }}>${t(`doc act ${act}`)}<//>`)}${children}
  </p>`;
}

/** A rule without a run, and why it has none. @param {any} props */
function NotStarted({ rule, been, now, known, ask, reason }) {
  const off = rule.enabled === false;
  const why = off ? t("doc rule off") : reason ?? (been ? t("doc not planned") : null);
  const ahead = !been && !off;
  const words = [been && !now ? null : timing(rule.time ?? null, known), off ? why : why?.replace(COMMAND, "")].filter(Boolean).join(" · ");
  return html`<div class="line rulecard quiet">
    ${ahead ? null : html`<${Pill}>${t(off ? "doc off" : "not started")}<//>`}
    <div>
      <p><b>${partName(known, rule)}</b></p>
      <p class="dim">${words}</p>
      ${ahead && MAILS.includes(rule.kind) ? html`<p class="row links"><${LinkButton} onClick=${() => ask({ form: "preview", rule: rule.id, name: partName(known, rule) })}>${t("doc preview")}<//></p>` : null}
    </div>
  </div>`;
}
