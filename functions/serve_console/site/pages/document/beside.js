// @ts-check
/** What stands beside a document's way: whose turn it is, tasks, fields. */
import { useState } from "../../vendor/preact.js";
import { post, session } from "../../lib/api.js";
import { Button, Panel, Pill, html, moment, money, refused, say, t, to } from "../../lib/ui.js";
import { fieldName, person, runName, valueOf } from "../../lib/happened.js";
import { runPlace } from "./chain.js";
import { Place } from "./parts.js";

// --- at a glance

/** Whose turn it is, what comes next, and what is in trouble. @param {any} props */
export function Glance({ known, tasks }) {
  const { document, why } = known;
  const turn = document.signers.filter((/** @type {any} */ signer) => document.in_turn.includes(signer.id));
  const runs = why.entries.flatMap((/** @type {any} */ entry) => entry.runs.map((/** @type {any} */ run) => ({ run, entry: entry.entry, current: entry.current })));
  const due = runs.filter((/** @type {any} */ run) => run.run.state === "ready" && run.run.due).sort((/** @type {any} */ a, /** @type {any} */ b) => (a.run.due < b.run.due ? -1 : 1));
  const bad = runs.filter((/** @type {any} */ run) => ["failed", "in_doubt"].includes(run.run.state));
  const open = tasks.filter((/** @type {any} */ task) => task.state === "open");
  const facts = [
    turn.length ? ["wait", t("doc turn of"), turn.map((/** @type {any} */ signer) => html`<bdi key=${signer.id}>${signer.name ?? signer.email}</bdi>`)] : null,
    open.length ? ["wait", t("doc open task"), open.map((/** @type {any} */ task) => html`<bdi key=${task.task}>${task.title} (${person(known, task.assignee)})</bdi>`)] : null,
    due.length ? ["plain", t("doc next"), [html`<${RunLink} key="due" ...${due[0]} known=${known} />`, ` ${moment(due[0].run.due, why.time_zone)}`]] : null,
    bad.length ? ["bad", t("doc trouble"), bad.slice(0, 3).map((/** @type {any} */ run) => html`<${RunLink} key=${runPlace(run.entry, run.run)} ...${run} known=${known} />`)] : null,
  ].filter((fact) => fact !== null);
  if (!facts.length) return html`<p class="glance dim">${t("doc nothing waits")}</p>`;
  return html`<ul class="glance plain">${facts.map(([tone, label, value]) => html`<li key=${label}><${Pill} tone=${tone}>${label}<//> <span>${value}</span></li>`)}</ul>`;
}
/** @param {any} props */
const RunLink = ({ run, entry, known }) => html`<${Place} place=${runPlace(entry, run)}><bdi>${runName(known, run)}</bdi><//> `;

// --- signers

/** @param {any} props */
export function Signers({ known }) {
  const { document } = known;
  const zone = known.why.time_zone;
  const order = [...document.signers].sort((signer, other) => (signer.order ?? 99) - (other.order ?? 99));
  return html`<${Panel} title=${t("signers")}>
    ${order.length ? null : html`<p class="dim">${t("no signer")}</p>`}
    <ul class="plain">${order.map((signer) => {
      const turn = document.in_turn.includes(signer.id);
      return html`<li class=${`signer ${turn ? "turn" : ""}`} key=${signer.id}>
        <span class="initials" aria-hidden="true">${initials(signer.name ?? signer.email ?? "?")}</span>
        <div><b><bdi>${signer.name ?? signer.email ?? signer.id}</bdi></b>${turn ? html` <${Pill} tone="wait">${t("in turn")}<//>` : null}
          ${signer.name && signer.email ? html`<p class="dim"><bdi>${signer.email}</bdi></p>` : null}
          <p class="dim">${[t(`party ${signer.party}`), signer.role, signer.action === "sign" ? "" : t(`doc action ${signer.action}`), signing(signer, turn, zone)].filter(Boolean).join(" · ")}</p></div>
      </li>`;
    })}</ul>
  <//>`;
}
/** @param {any} signer @param {boolean} turn @param {string} zone */
function signing(signer, turn, zone) {
  if (signer.status === "signed") return t("signed at", { at: moment(signer.signed_at, zone) });
  if (signer.status === "declined") return t("declined", { reason: signer.reason ?? "" });
  if (signer.viewed_at) return t("doc viewed at", { at: moment(signer.viewed_at, zone) });
  if (turn && signer.notified_at) return t("doc turn since", { at: moment(signer.notified_at, zone) });
  if (turn || ["copy", "view"].includes(signer.action)) return "";
  return t(`signer ${signer.status}`);
}
/** @param {string} name */
const initials = (name) => name.split(/[\s@.]+/).filter(Boolean).slice(0, 2).map((word) => [...word][0].toLocaleUpperCase()).join("");

// --- tasks

/** @param {any} props */
export function Tasks({ known, tasks, problem, again }) {
  if (problem) return html`<${Panel} title=${t("doc tasks")}><p class="dim">${problem.message}</p><${Button} onClick=${again}>${t("try again")}<//><//>`;
  if (!tasks.length) return null;
  return html`<${Panel} title=${t("doc tasks")}>${tasks.map((/** @type {any} */ task) => html`<${Task} key=${task.task} ...${{ task: task, known, again }} />`)}<//>`;
}

/** @param {any} props */
function Task({ task, known, again }) {
  const [busy, set] = useState(false);
  const open = task.state === "open";
  const mine = task.assignee === session.value?.email || task.assignee === session.value?.name;
  /** @param {string} act @param {any} body */
  const change = (act, body) => async () => {
    if (busy) return;
    set(true);
    try {
      await post(`/tasks/${encodeURIComponent(task.task)}/${act}`, body);
      if (act === "complete") say(t("doc task is done", { title: task.title }));
    } catch (error) {
      say(/** @type {any} */ (error).message);
    }
    set(false);
    again();
  };
  const overdue = open && task.deadline && Date.parse(task.deadline) < Date.now();
  const may = refused("operator") === null;
  return html`<article class="task">
    <p><b><bdi>${task.title}</bdi></b> <${Pill} tone=${open ? (overdue ? "bad" : "wait") : task.state === "done" ? "ok" : "plain"}>${overdue ? t("doc overdue") : t(task.state === "withdrawn" ? "doc task withdrawn state" : `doc task ${task.state}`)}<//></p>
    <p class="dim">${person(known, task.assignee)}${task.deadline && open ? ` · ${t("doc due", { at: moment(task.deadline, known.why.time_zone) })}` : ""}${task.concluded_at ? ` · ${person(known, task.concluded_by)}, ${moment(task.concluded_at, known.why.time_zone)}` : ""}</p>
    ${task.text ? html`<p dir="auto">${task.text}</p>` : null}
    ${task.checklist.length ? html`<ul class="plain">${task.checklist.map((/** @type {any} */ point, /** @type {number} */ index) => html`<li key=${index}><label class="check"><input type="checkbox" checked=${point.done} disabled=${!open || !may || busy} title=${open ? refused("operator") : undefined} onChange=${change("check", { point: index + 1, done: !point.done })} /> <bdi>${point.text}</bdi></label></li>`)}</ul>` : null}
    ${open ? html`<p class="row"><${Button} role="operator" disabled=${busy} onClick=${change("complete", mine ? {} : { as_operator: true })}>${t(mine ? "doc complete" : "doc complete as operator")}<//></p>` : null}
  </article>`;
}

// --- fields

/** @param {any} props */
export function Fields({ known, ask }) {
  const { document } = known;
  const own = Object.keys({ ...known.fields, ...document.fields });
  const envelope = document.envelope;
  const rows = [
    [t("number"), document.number],
    [t("amount"), money(document.amount, document.currency)],
    [t("responsible"), document.responsible ? person(known, document.responsible) : null],
    [t("doc observers"), document.observers.map((/** @type {string} */ observer) => person(known, observer)).join(", ")],
    ...own.map((name) => [fieldName(known, name), name in document.fields ? valueOf(known, name, document.fields[name]) : "–", document.edited.includes(name)]),
    [t("envelope"), envelope?.id ? `${envelope.id} · ${known.providers.get(envelope.provider) ?? envelope.provider ?? ""}` : null],
    [t("status"), document.status ? t(`envelope ${document.status}`) + (envelope?.reason ? `: ${envelope.reason}` : "") : null],
    [t("doc sent by"), envelope?.sender ? (envelope.sender.name ?? envelope.sender.email) : null],
    [t("doc expires"), envelope?.expires_at ? moment(envelope.expires_at, known.why.time_zone) : null],
    [t("doc made"), moment(document.created_at, known.why.time_zone)],
  ].filter(([, value]) => value);
  return html`<${Panel} title=${t("fields")} actions=${html`<${Button} quiet role="operator" onClick=${() => ask({ form: "edit" })}>${t("edit")}<//>`}>
    <dl>${rows.map(([name, value, edited]) => html`<dt key=${name}>${name}</dt><dd><bdi>${value}</bdi>${edited ? html` <span class="dim" title=${t("doc edited about")}>${t("doc edited mark")}</span>` : null}</dd>`)}
      <dt>${t("pipeline")}</dt><dd><a href=${to(["board"], { pipeline: document.pipeline })}>${known.why.pipeline}</a></dd></dl>
  <//>`;
}
