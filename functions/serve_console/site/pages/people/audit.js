// @ts-check
/** The audit log: who changed what, when and from where; filtered by the address, and exported. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { everyOf, get, whole } from "../../lib/api.js";
import { Button, Day, Empty, Failed, More, Pill, Shown, filter, go, html, locale, route, say, t, to, useLive, Typed } from "../../lib/ui.js";
import { csv, download, listed } from "../../lib/whole.js";
import { Diff, differences } from "./diff.js";

const ACTIONS = {
  pipeline: ["published", "rolled_back", "paused", "resumed", "removed"],
  connection: ["created", "changed", "rotated", "retired", "removed"],
  secret: ["set", "removed"],
  entitlements: ["set"],
  person: ["invited", "roles_changed", "removed"],
  personal_data: ["erased", "erasure_started", "exported"],
};
const KINDS = Object.keys(ACTIONS);
const NAMES = ["actor", "kind", "id", "action", "since", "until"];
const OPEN = 4;

/** The filters as the address has them. @param {URLSearchParams} query @returns {Record<string, string>} */
const keptIn = (query) => Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""]));

/** What the API is asked for: days are those of the clock here, the last one included. @param {Record<string, string>} kept */
function asked({ actor, kind, id, action, since, until }) {
  return {
    actor,
    action,
    subject: KINDS.includes(kind) ? (id ? `${kind}:${id}` : kind) : "",
    since: instant(since, 0),
    until: instant(until, 1),
  };
}
/** @param {string} day @param {number} later */
function instant(day, later) {
  const at = new Date(`${day}T00:00:00`);
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(at.getTime())) return "";
  at.setDate(at.getDate() + later);
  return at.toISOString();
}

export default function Audit() {
  const kept = keptIn(route.value.query);
  const key = JSON.stringify(kept);
  return html`<p class="intro">${t("audit intro")}</p>
    <${Filters} kept=${kept} />
    <${Entries} key=${key} kept=${kept} />`;
}

/** @param {{kept: Record<string, string>}} props */
function Filters({ kept }) {
  const people = useLive(() => everyOf("/people"), [], 0);
  const chosen = kept.kind in ACTIONS ? { [kept.kind]: /** @type {any} */ (ACTIONS)[kept.kind] } : ACTIONS;
  return html`<form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <${Typed} name="actor" label=${t("audit actor")} value=${kept.actor} list="actors" autocomplete="off" />
    <datalist id="actors">${(people.value.value ?? []).map((/** @type {any} */ name) => html`<option key=${name.id} value=${name.email} />`)}</datalist>
    <label>${t("audit kind")}<select class="input" value=${kept.kind} onChange=${(/** @type {any} */ event) => filter({ kind: event.target.value, id: "", action: "" })}>
      <option value="">${t("all")}</option>
      ${KINDS.map((subjectKind) => html`<option key=${subjectKind} value=${subjectKind}>${t(`audit subject ${subjectKind}`)}</option>`)}
    </select></label>
    ${kept.kind ? html`<${Typed} name="id" label=${t("audit id")} value=${kept.id} autocomplete="off" />` : null}
    <label>${t("audit action")}<select class="input" value=${kept.action} onChange=${(/** @type {any} */ event) => filter({ action: event.target.value })}>
      <option value="">${t("all")}</option>
      ${Object.entries(chosen).map(([kind, all]) => html`<optgroup key=${kind} label=${t(`audit subject ${kind}`)}>${all.map((/** @type {string} */ actionName) => html`<option key=${actionName} value=${`${kind}.${actionName}`}>${t(`audit did ${kind}.${actionName}`)}</option>`)}</optgroup>`)}
    </select></label>
    <${Day} name="since" label=${t("audit since")} value=${kept.since} />
    <${Day} name="until" label=${t("audit until")} value=${kept.until} />
  </form>`;
}

/** @param {{kept: Record<string, string>}} props */
function Entries({ kept }) {
  const query = asked(kept);
  const live = useLive(() => get("/audit", { ...query, limit: 25 }), [], 10);
  const [more, add] = useState(/** @type {{items: any[], next: string | null} | null} */ (null));
  const filtered = Object.values(kept).some(Boolean);
  return html`<div class="row bar-of">
      <${Export} query=${query} />
      ${filtered ? html`<${Button} quiet onClick=${() => go(to(["people", "audit"]))}>${t("audit clear")}<//>` : null}
    </div>
    <${Shown} live=${live}>${(/** @type {any} */ page) => {
      const items = more ? [...page.items, ...more.items.filter((entry) => !page.items.some((/** @type {any} */ other) => other.id === entry.id))] : page.items;
      const next = more ? more.next : page.next;
      if (!items.length && !next) return html`<${Empty} title=${t(filtered ? "audit none found" : "audit empty")}><p>${t(filtered ? "audit none found about" : "audit empty about")}</p><//>`;
      return html`<section class="panel" aria-label=${t("people part audit")}>${items.map((/** @type {any} */ entry) => html`<${Entry} key=${entry.id} entry=${entry} kept=${kept} />`)}
        <${More} next=${next} load=${async () => {
          const part = await get("/audit", { ...query, limit: 50, cursor: next });
          add({ items: [...(more?.items ?? []), ...part.items], next: part.next });
        }} />
      </section>`;
    }}<//>`;
}

const OUTCOMES = { done: "ok", requested: "wait", failed: "bad" };
/** Where what was changed can be looked at. @param {{kind: string, id: string}} subject */
const placeOf = ({ kind, id }) => /** @type {Record<string, string>} */ ({
  pipeline: to(["automation", id]),
  connection: to(["connections", id]),
  secret: to(["people", "secrets"]),
  entitlements: to(["people", "entitlements"]),
  person: to(["people"], { text: id }),
})[kind];

/** One change as a line: when, what, by whom, from where, and how it differs. @param {{entry: any, kept: Record<string, string>}} props */
function Entry({ entry, kept }) {
  const { actor, subject } = entry;
  const place = placeOf(subject);
  const number = (entry.after?.changes?.length ?? 0) + differences(entry.before, { ...entry.after, changes: undefined }).length;
  const by = actor.name ?? actor.id;
  return html`<div class="line event audit">
    <time datetime=${entry.at}>${exact(entry.at)}</time>
    <span class=${`dot ${entry.outcome === "failed" ? "bad" : entry.outcome === "requested" ? "wait" : ""}`}></span>
    <div>
      <p><b>${t(`audit did ${entry.action}`)}</b>${subject.kind === "entitlements" ? null : html`: ${place ? html`<a href=${place} dir="auto">${subject.id}</a>` : html`<span dir="auto">${subject.id}</span>`}`}
        ${entry.outcome === "done" ? null : html` <${Pill} tone=${/** @type {any} */ (OUTCOMES)[entry.outcome]}>${t(`audit ${entry.outcome}`)}<//>`}</p>
      <p class="dim">${t("audit by")} <a href=${to(["people", "audit"], { ...kept, actor: actor.name ?? actor.id })} title=${t("audit only", { actor: by })} dir="auto">${by}</a>${actor.roles.length ? ` (${actor.roles.map((/** @type {string} */ role) => t(`role ${role}`)).join(", ")})` : ""} · ${t(`audit from ${entry.source.channel}`)}${entry.source.ip ? ` ${entry.source.ip}` : ""} · ${t(`audit signed in ${actor.signed_in_by}`)}</p>
      ${entry.reason ? html`<p>${t("audit reason", { reason: entry.reason })}</p>` : null}
      ${number ? (number <= OPEN ? html`<${Diff} before=${entry.before} after=${entry.after} />` : html`<details><summary>${t("audit values", { n: number })}</summary><${Diff} before=${entry.before} after=${entry.after} /></details>`) : null}
    </div>
  </div>`;
}

/** A moment to the second: an audit needs it. @param {string} at */
const exact = (at) => new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));

const COLUMNS = ["id", "at", "actor_id", "actor_name", "actor_roles", "signed_in_by", "channel", "ip", "action", "subject_kind", "subject_id", "outcome", "before", "after", "concluded_at", "reason"];
/** @param {any} entry */
const rowOf = (entry) => [entry.id, entry.at, entry.actor.id, entry.actor.name, entry.actor.roles.join(" "), entry.actor.signed_in_by, entry.source.channel, entry.source.ip, entry.action, entry.subject.kind, entry.subject.id, entry.outcome, entry.before, entry.after, entry.concluded_at, entry.reason];

/** All that the filters match, as a file. @param {{query: Record<string, string>}} props */
function Export({ query }) {
  const [count, tell] = useState(/** @type {number | null} */ (null));
  const [problem, fail] = useState(/** @type {any} */ (null));
  const stop = useRef(/** @type {AbortController | null} */ (null));
  useEffect(() => () => stop.current?.abort(), []);
  const write = (/** @type {"csv" | "json"} */ form) => async () => {
    if (count !== null) return;
    const own = (stop.current = new AbortController());
    fail(null);
    tell(0);
    try {
      const { items } = await whole(listed("/audit", query), { progress: tell, stop: own.signal });
      if (own.signal.aborted) return;
      const name = `audit-${new Date().toISOString().slice(0, 10)}.${form}`;
      if (form === "csv") download(name, csv(COLUMNS, items.map(rowOf)), "text/csv");
      else download(name, `${JSON.stringify(items, null, 2)}\n`, "application/json");
      say(t("audit exported", { n: items.length }));
    } catch (error) {
      fail(error);
    } finally {
      tell(null);
    }
  };
  return html`
    <${Button} disabled=${count !== null} onClick=${write("csv")}>${t("audit export", { form: "CSV" })}<//>
    <${Button} disabled=${count !== null} onClick=${write("json")}>${t("audit export", { form: "JSON" })}<//>
    ${count === null ? html`<span class="dim">${t("audit export about")}</span>` : html`<span role="status">${t("audit so far", { n: count })}</span> <${Button} quiet onClick=${() => stop.current?.abort()}>${t("cancel")}<//>`}
    ${problem ? html`<${Failed} problem=${problem} />` : null}`;
}
