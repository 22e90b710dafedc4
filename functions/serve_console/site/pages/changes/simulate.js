// @ts-check
/**
 * The simulation: a made-up document, what happens to it, and a clock to turn. Nothing is sent or kept.
 *
 * The whole script is played anew after each step, which gives the same every time: what a step has brought is
 * what was not there before it.
 */
import { signal, useEffect, useRef, useState } from "../../vendor/preact.js";
import { post } from "../../lib/api.js";
import { partName, useWords } from "../../lib/labels.js";
import { Button, Field, Panel, Pill, filter, html, refused, route, shown, t, textOr } from "../../lib/ui.js";
import { NotPublished, Unplayable, Withheld, draftPathOf, fieldsOf, partOf, pathOf, stageName, stagesOf } from "./parts.js";
import { Clauses } from "./clauses.js";
import { Setup, fresh, problemsOf, scriptOf } from "./simulate_setup.js";

const LATER = [["hours", 1], ["days", 1], ["working_days", 1], ["weeks", 1]];
const OF_A_SIGNER = ["signers_turn", "viewed", "signed", "declined", "reassigned", "delivery_failed", "authentication_failed"];
const OF_ALL = ["created", "sent", "delivered", "completed", "voided", "expired", "deleted", "signed_pdf_ready"];
const FILES = ["contract", "invoice", "offer", "attachment"];
const REPORTS = ["delivered", "opened", "clicked", "bounced", "complained"];
const OPEN = ["waiting", "no_date", "ready", "awaiting", "in_doubt", "running"];
const DOTS = { moved: "trigger", mail: "ok", sms: "ok", call: "ok", post: "ok", bus: "ok", task: "ok", warning: "bad", edited: "wait" };
const STATES = { done: "ok", failed: "bad", in_doubt: "bad", ready: "wait", waiting: "wait", no_date: "wait", awaiting: "wait", running: "wait" };

/**
 * What is being played, by pipeline; it stays while another view is open.
 *
 * @typedef {{setup: any, steps: any[], begun: boolean, result: any, ends: number[], busy: boolean, problem: any, wrong: any[], anew?: boolean}} Play
 * @type {Map<string, import("../../vendor/preact.js").Signal<Play>>}
 */
const plays = new Map();
/** @param {string} pipeline @param {any} content */
function playOf(pipeline, content) {
  const known = plays.get(pipeline) ?? signal(/** @type {Play} */ ({ setup: fresh(content), steps: [], begun: false, result: null, ends: [], busy: false, problem: null, wrong: [] }));
  plays.set(pipeline, known);
  return known;
}

/** @param {{context: any}} props */
export default function Simulate({ context }) {
  if (!context.head && !context.draft) return html`<${NotPublished} context=${context} />`;
  if (refused("operator")) return html`<${Withheld} role="operator" />`;
  const of = context.draft && (route.value.query.get("of") !== "published" || !context.head) ? "draft" : "published";
  return html`<${Player} ...${{ context, of }} content=${of === "draft" ? context.draft.content : context.head.content} />`;
}

/** @param {{context: any, of: string, content: any}} props */
function Player({ context, of, content }) {
  const { pipeline } = context;
  const state = playOf(pipeline, content);
  const play = state.value;
  const path = of === "draft" ? draftPathOf(pipeline) : pathOf(pipeline);
  const tag = of === "draft" ? context.draftTag : context.head.version;
  /** @param {Partial<Play>} change */
  const set = (change) => (state.value = { ...state.peek(), ...change });

  /** Play these steps; they are kept only where they can be played. @param {any[]} steps @param {any} [setup] */
  async function run(steps, setup = state.peek().setup) {
    set({ busy: true, problem: null, wrong: [] });
    try {
      const begin = scriptOf(setup, content);
      const { problems, result } = await post(`${path}/simulate`, { script: { ...begin, steps: [...begin.steps, ...steps] } });
      if (problems.length) return set({ busy: false, wrong: problems });
      const before = state.peek();
      const longer = before.begun && steps.length > before.steps.length;
      const ends = longer ? [...before.ends, ...Array(steps.length - before.steps.length).fill(result.moments.length)] : before.ends.slice(0, steps.length + 1);
      if (!longer) ends[steps.length] = result.moments.length;
      set({ busy: false, begun: true, setup, steps, result, ends });
    } catch (problem) {
      set({ busy: false, problem });
    }
  }
  /** Play all anew, step by step, since another version says otherwise what each step brings. */
  async function anew() {
    const { steps, setup } = state.peek();
    set({ begun: false, ends: [], steps: [] });
    for (let n = 0; n <= steps.length; n++) {
      await run(steps.slice(0, n), setup);
      if (state.peek().wrong.length || state.peek().problem) return;
    }
  }
  const [played, know] = useState(`${of} ${tag}`);
  useEffect(() => {
    if (played === `${of} ${tag}`) return;
    know(`${of} ${tag}`);
    if (state.peek().begun) anew();
  }, [of, tag]);

  const both = context.draft && context.head;
  return html`
    <div class="row gap">
      ${both ? html`<span class="row" role="group" aria-label=${t("play what")}>
        <${Button} quiet aria-pressed=${String(of === "draft")} onClick=${() => filter({ of: "" })}>${t("the draft")}<//>
        <${Button} quiet aria-pressed=${String(of === "published")} onClick=${() => filter({ of: "published" })}>${t("version number", { number: String(context.head.version) })}<//>
      </span>` : html`<span class="dim">${of === "draft" ? t("the draft") : t("version number", { number: String(context.head.version) })}</span>`}
      <span class="dim">${t("no effects")}</span><span class="grow"></span>
      ${play.begun ? html`<${Button} disabled=${play.busy || !play.steps.length} onClick=${() => run(play.steps.slice(0, -1))}>${t("undo step")}<//>
        <${Button} disabled=${play.busy} onClick=${() => set({ begun: false, steps: [], ends: [], result: null, wrong: [], problem: null, anew: true })}>${t("begin anew")}<//>` : null}
    </div>
    ${play.problem ? html`<${Unplayable} problem=${play.problem} draft=${of === "draft" ? context.draft : null} />` : null}
    ${play.wrong.length ? html`<div class="failed" role="alert"><p><b>${t("cannot be played")}</b></p><ul>${problemsOf(play.wrong)}</ul></div>` : null}
    ${play.begun ? html`<div class="two turned">
      <aside><${Clock} play=${play} run=${run} /><${Next} ...${{ play, run, content }} /><${Planned} play=${play} content=${content} /></aside>
      <${Happened} play=${play} content=${content} />
    </div>` : html`<${Setup} ...${{ context, content, play }} change=${(/** @type {any} */ setup) => set({ setup })} begin=${() => run([])} />`}`;
}

/** What time it is, and turning it. @param {{play: Play, run: (steps: any[]) => Promise<void>}} props */
function Clock({ play, run }) {
  const [until, set] = useState("");
  const { result, steps, busy } = play;
  const zone = result.time_zone;
  const due = openRuns(result).map((open) => open.run.due).filter((at) => at && at > result.end).sort()[0];
  return html`<${Panel} title=${t("clock")}>
    <p class="clock"><time datetime=${result.end}>${atZone(result.end, zone)}</time></p>
    <div class="row">${LATER.map(([unit, n]) => html`<${Button} key=${unit} disabled=${busy} onClick=${() => run([...steps, { wait: { [String(unit)]: n } }])}>${t(`later ${unit}`)}<//>`)}</div>
    ${due ? html`<p><${Button} disabled=${busy} onClick=${() => run([...steps, { until: plainTime(due, zone, true) }])}>${t("to next due", { at: atZone(due, zone) })}<//></p>` : null}
    <form class="row" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      if (until && !busy) run([...steps, { until: until.replace("T", " ") }]);
    }}><label class="row">${t("turn to")} <input class="input" type="datetime-local" required min=${plainTime(result.end, zone).replace(" ", "T")} value=${until} onInput=${(/** @type {any} */ event) => set(event.target.value)} /></label><button class="button">${t("turn")}</button></form>
  <//>`;
}

/** What may happen next: an event, a change by a person, a report on a mail. @param {any} props */
function Next({ play, run, content }) {
  const { steps, result, busy, setup } = play;
  const words = useWords([]);
  const [what, choose] = useState("signed");
  const [who, by] = useState("");
  const [value, write] = useState("");
  const signers = setup.signers.filter((/** @type {any} */ person) => person.email || person.name).map((/** @type {any} */ person) => ({ id: person.email || person.name, label: person.name || person.email }));
  const signer = signers.some((/** @type {any} */ person) => person.id === who) ? who : (result.document?.document.signers.find((/** @type {any} */ person) => person.status !== "signed")?.email ?? signers[0]?.id);
  const tasks = (result.document?.tasks ?? []).filter((/** @type {any} */ task) => task.state === "open" || task.concluded_at === null);
  const mails = [...new Set(result.moments.filter((/** @type {any} */ moment) => moment.mail).map((/** @type {any} */ moment) => moment.mail.run.rule))];
  /** @param {string} rule */
  const ruleName = (rule) => partName(words, partOf(content, "rule", rule), rule);
  const [sort, detail] = what.split(" ");
  function step() {
    if (sort === "field") return { edit: { [detail]: value === "" ? null : value } };
    if (sort === "move") return { move: detail };
    if (sort === "task") return { complete_task: detail };
    if (sort === "report") return { report: detail, rule: what.split(" ")[2] };
    if (sort === "call") return { call: value };
    if (sort === "file") return { add_file: { name: value, kind: detail } };
    if (sort === "reassigned") return { event: sort, by: signer, to: value };
    if (sort === "stop") return { stop_rules: true };
    return OF_A_SIGNER.includes(sort) ? { event: sort, by: signer } : { event: sort };
  }
  const asked = { field: t("new value"), call: t("code"), file: t("name of file"), reassigned: t("address of next") }[sort];
  const fields = ["title", "number", "amount", "currency", "responsible", ...Object.keys(fieldsOf(content))];
  return html`<${Panel} title=${t("what happens")}><form onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    if (!busy) run([...steps, step()]);
  }}>
    <${Field} label=${t("next step")}>${(/** @type {any} */ given) => html`<select class="input full" value=${what} onChange=${(/** @type {any} */ event) => choose(event.target.value)} ...${given}>
      <optgroup label=${t("by signer")}>${OF_A_SIGNER.map((kind) => html`<option key=${kind} value=${kind}>${t(`event ${kind}`)}</option>`)}</optgroup>
      <optgroup label=${t("at provider")}>${OF_ALL.map((kind) => html`<option key=${kind} value=${kind}>${t(`event ${kind}`)}</option>`)}</optgroup>
      ${tasks.length ? html`<optgroup label=${t("complete a task")}>${tasks.map((/** @type {any} */ task) => html`<option key=${task.id} value=${`task ${task.rule}`}>${task.title}</option>`)}</optgroup>` : null}
      ${mails.length ? html`<optgroup label=${t("report on mail")}>${mails.flatMap((rule) => REPORTS.map((report) => html`<option key=${`${rule} ${report}`} value=${`report ${report} ${rule}`}>${ruleName(String(rule))}: ${t(`mail ${report}`)}</option>`))}</optgroup>` : null}
      <optgroup label=${t("change field")}>${fields.map((field) => html`<option key=${field} value=${`field ${field}`}>${textOr(field, field)}</option>`)}</optgroup>
      <optgroup label=${t("move by hand")}>${stagesOf(content).map((stage) => html`<option key=${stage.id} value=${`move ${stage.id}`}>${stage.name || stage.id}</option>`)}</optgroup>
      <optgroup label=${t("besides")}><option value="call">${t("event call")}</option><option value="stop">${t("event stop")}</option>${FILES.map((kind) => html`<option key=${kind} value=${`file ${kind}`}>${t("add a file", { kind: t(`file ${kind}`) })}</option>`)}</optgroup>
    </select>`}<//>
    ${OF_A_SIGNER.includes(sort) ? html`<${Field} label=${t("who")}>${(/** @type {any} */ given) => html`<select class="input full" value=${signer} onChange=${(/** @type {any} */ event) => by(event.target.value)} ...${given}>${signers.map((/** @type {any} */ person) => html`<option key=${person.id} value=${person.id}>${person.label}</option>`)}</select>`}<//>` : null}
    ${asked ? html`<${Field} label=${asked} help=${sort === "field" ? t("empty empties") : undefined}>${(/** @type {any} */ given) => html`<input class="input" type=${sort === "reassigned" ? "email" : "text"} required=${sort !== "field"} value=${value} onInput=${(/** @type {any} */ event) => write(event.target.value)} ...${given} />`}<//>` : null}
    <button class="button main" aria-disabled=${busy ? "true" : undefined}>${busy ? t("working") : t("let it happen")}</button>
  </form><//>`;
}

/** @param {any} result */
const openRuns = (result) => (result.document?.entries ?? []).flatMap((/** @type {any} */ entry) => entry.runs.filter((/** @type {any} */ run) => OPEN.includes(run.state)).map((/** @type {any} */ run) => ({ entry, run })));

/** Where it is, and what is still planned. @param {{play: Play, content: any}} props */
function Planned({ play, content }) {
  const { result } = play;
  const open = openRuns(result);
  const document = result.document?.document;
  return html`<${Panel} title=${t("planned")}>
    ${document ? html`<p>${t("is in stage")} <b dir="auto">${stageName(content, document.stage)}</b></p>` : html`<p class="dim">${t("no document yet")}</p>`}
    ${open.length ? open.map((waiting) => html`<div class="line" key=${`${waiting.entry.entry} ${waiting.run.rule} ${waiting.run.repeat}`}><${Pill} tone=${waiting.run.state === "in_doubt" ? "bad" : "wait"}>${t(`run ${waiting.run.state}`)}<//><div><b dir="auto">${waiting.run.name}</b>${waiting.run.due ? ` ${t("until", { at: atZone(waiting.run.due, result.time_zone) })}` : ""}</div></div>`) : document ? html`<p class="dim">${t("nothing planned")}</p>` : null}
  <//>`;
}

/** Everything that happened, the newest step first. @param {{play: Play, content: any}} props */
function Happened({ play, content }) {
  const words = useWords([]);
  const { result, steps, ends, setup } = play;
  const groups = [null, ...steps].map((step, index) => ({ step, moments: result.moments.slice(index ? (ends[index - 1] ?? 0) : 0, index === steps.length ? undefined : ends[index]), index })).reverse();
  const current = result.document?.document;
  const log = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => log.current?.focus({ preventScroll: true }), []);
  return html`<div>
    <ol class="way" aria-label=${t("stages")}>${stagesOf(content).map((stage) => html`<li key=${stage.id} class=${stage.kind ?? "open"} aria-current=${current?.stage === stage.id ? "step" : undefined}>${stage.name || stage.id}</li>`)}</ol>
    <${Panel} title=${t("happened")}>
      <div tabindex="-1" ref=${log} aria-live="polite">
      ${groups.map(({ step, moments, index }) => html`<section key=${index}>
        <h3>${step ? stepText(words, content, setup, step) : t("step begin")}</h3>
        ${moments.map((/** @type {any} */ moment, /** @type {number} */ place) => html`<${Moment} key=${place} ...${{ moment, content, words }} zone=${result.time_zone} again=${place > 0 && moments[place - 1].at === moment.at} />`)}
        ${moments.length ? null : html`<p class="dim">${t("nothing happened")}</p>`}
      </section>`)}
      </div>
      ${result.misses.length ? html`<div class="failed" role="alert"><ul>${result.misses.map((/** @type {any} */ miss) => html`<li key=${miss.text}>${miss.text}</li>`)}</ul></div>` : null}
    <//>
  </div>`;
}

/** What a step does, as a heading. @param {import("../../lib/labels.js").Words} words @param {any} content @param {any} setup @param {any} step */
function stepText(words, content, setup, step) {
  /** @param {string} id */
  const rule = (id) => partName(words, partOf(content, "rule", id), id);
  if (step.wait) {
    const [unit] = Object.keys(step.wait);
    return t(`later ${unit}`);
  }
  if (step.until) return t("step until", { at: atZone(`${step.until.replace(" ", "T")}Z`, "UTC") });
  if (step.edit) return Object.entries(step.edit).map(([name, value]) => t("step edit", { field: textOr(name, name), value: shown(value) })).join(", ");
  if (step.move) return t("step move", { stage: stageName(content, step.move) });
  if (step.complete_task) return t("step task", { rule: rule(step.complete_task) });
  if (step.report) return `${rule(step.rule)}: ${t(`mail ${step.report}`)}`;
  if (step.add_file) return t("step file", { name: step.add_file.name });
  if (step.call) return t("step call", { code: step.call });
  if (step.stop_rules) return t("event stop");
  const signer = setup.signers.find((/** @type {any} */ person) => person.email === step.by || person.name === step.by);
  return step.by ? `${t(`event ${step.event}`)}: ${signer?.name || step.by}` : t(`event ${step.event}`);
}

/** One thing that happened, as a sentence. @param {any} props */
function Moment({ moment, content, words, zone, again }) {
  return html`<div class="line event moment">
    <time datetime=${moment.at}>${again ? html`<span class="unseen">${atZone(moment.at, zone)}</span>` : atZone(moment.at, zone)}</time><i class=${`dot ${/** @type {any} */ (moment.run ? STATES : DOTS)[moment.run?.state ?? moment.sort] ?? ""}`} aria-hidden="true"></i>
    <div>
      <p dir="auto">${sentence(moment, content, words, zone)}</p>
      <${Clauses} verdict=${moment.run?.verdict ?? moment.log?.fired?.verdict} content=${content} />
      ${moment.log?.reason ? html`<p class="dim">${moment.log.reason}</p>` : null}
      ${(moment.log?.changes ?? []).map((/** @type {any} */ change) => html`<p class="dim" key=${change.field}>${textOr(change.field, change.field)}: ${shown(change.old)} → ${shown(change.new)}</p>`)}
      ${moment.mail ? html`<details><summary>${t("read mail")}</summary><p class="dim">${t("mail sent by", { sender: moment.mail.sender })}</p>${moment.mail.attachments.length ? html`<p class="dim">${t("mail attached", { names: moment.mail.attachments.map((/** @type {any} */ file) => file.name).join(", ") })}</p>` : null}<p class="mail" dir="auto">${moment.mail.text ?? textOf(moment.mail.html)}</p></details>` : null}
      ${moment.sms ? html`<p class="mail" dir="auto">${moment.sms.text}</p>` : null}
      ${moment.call?.body ? html`<details><summary>${t("read call")}</summary><p class="mail">${moment.call.body}</p></details>` : null}
      ${(moment.log?.passed ?? []).length ? html`<details><summary>${t("did not fire", { n: moment.log.passed.length })}</summary>${moment.log.passed.map((/** @type {any} */ passed) => html`<p class="dim" key=${passed.trigger}>${partName(words, partOf(content, "trigger", passed.trigger), passed.trigger)} → ${stageName(content, passed.stage)}: ${passed.reason}</p><${Clauses} verdict=${passed.verdict} content=${content} />`)}</details>` : null}
    </div>
  </div>`;
}

/** @param {any} moment @param {any} content @param {import("../../lib/labels.js").Words} words @param {string} zone */
function sentence(moment, content, words, zone) {
  const { sort, log, run, mail, sms } = moment;
  const [byKind, byId] = (log?.by ?? "").split(/:(.*)/);
  const by = ["trigger", "rule"].includes(byKind) ? `${t(`part ${byKind}`)} ${partName(words, partOf(content, byKind, byId), byId)}` : log?.by;
  if (sort === "moved") return t("it moved", { from: stageName(content, log.from_stage), to: stageName(content, log.to_stage), by });
  if (sort === "created") return t("it came", { stage: stageName(content, log.to_stage) });
  if (sort === "mail" && mail) return t("it mailed", { to: mail.to.join(", "), subject: mail.subject, rule: partName(words, partOf(content, "rule", mail.run.rule), mail.run.rule) });
  if (sort === "sms" && sms) return t("it texted", { to: sms.to });
  if (run) return run.due && OPEN.includes(run.state) ? t("it plans", { rule: run.name, at: atZone(run.due, zone) }) : t("it ran", { rule: run.name, state: t(`run ${run.state}`), why: run.reason ? ` · ${run.reason}` : "" });
  const task = sort === "task" ? /made the task "(.*)" of (.*)$/s.exec(moment.text) : null;
  if (task) return t("task made", { title: task[1], who: task[2], by });
  if (sort === "edited") return t("it changed", { by });
  if (sort === "event" && log?.event && textOr(`happened ${log.event}`, "")) return t(`happened ${log.event}`, { who: log.signer ?? "" });
  return moment.text.replace(/, SHA-256 [0-9a-f]+/, "");
}

/** The words of HTML, without its tags. @param {string | null} text */
const textOf = (text) => new DOMParser().parseFromString(text ?? "", "text/html").body.textContent ?? "";
/** A time where the pipeline is. @param {string} at @param {string} zone */
const atZone = (at, zone) => new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: zone }).format(new Date(at));
/** `2026-03-02 09:00` where the pipeline is; with `up`, the next minute where there are seconds. @param {string} at @param {string} zone @param {boolean} [up] */
function plainTime(at, zone, up = false) {
  const date = new Date(at);
  const whole = new Date(up && date.getTime() % 60_000 ? Math.ceil(date.getTime() / 60_000) * 60_000 : date);
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: zone }).format(whole);
}
