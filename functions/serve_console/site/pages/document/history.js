// @ts-check
/** The history of a document, never pruned: each line with its reasons, its causes and effects. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { get } from "../../lib/api.js";
import { Button, Failed, Loading, More, Panel, Pill, html, moment, route, t } from "../../lib/ui.js";
import { aside, changed, sentence, stageName, triggerName } from "../../lib/happened.js";
import { linePlace } from "./chain.js";
import { Clauses, Place, Steps, seek, touching } from "./parts.js";

const FIRST = 50;
const PAGE = 100;
const DOTS = /** @type {Record<string, string>} */ ({ moved: "trigger", created: "trigger", run: "ok", resolved: "ok", edited: "wait", commented: "wait", task: "wait", file: "ok", warning: "bad", stopped: "bad", rules_stopped: "wait", erased: "bad" });

/**
 * The lines of a history, the newest first, as far as they are loaded; the newest come by themselves.
 *
 * @param {string} path @param {number} version The document's: with another there are new lines.
 */
export function useLines(path, version) {
  const [{ lines, next, problem }, put] = useState({ lines: /** @type {any[] | null} */ (null), next: /** @type {string | null} */ (null), problem: /** @type {any} */ (null) });
  const [tries, again] = useState(0);
  useEffect(() => {
    let here = true;
    get(`${path}/timeline`, { order: "newest", limit: FIRST }).then(
      (page) => here && put((was) => joined(was, page)),
      (error) => here && put((was) => ({ ...was, problem: error })),
    );
    return () => {
      here = false;
    };
  }, [path, version, tries]);
  async function more() {
    const page = await get(`${path}/timeline`, { order: "newest", limit: PAGE, cursor: next });
    put((was) => ({ lines: [...(was.lines ?? []), ...page.items], next: page.next, problem: null }));
    return page;
  }
  return { lines, next, problem, more, again: () => again(tries + 1) };
}

/** The newest page before what is loaded, where they meet. @param {any} was @param {any} page */
function joined(was, page) {
  const fresh = new Set(page.items.map(linePlace));
  const older = (was.lines ?? []).filter((/** @type {any} */ line) => !fresh.has(linePlace(line)));
  const meet = older.length < (was.lines ?? []).length;
  return meet ? { lines: [...page.items, ...older], next: was.next, problem: null } : { lines: page.items, next: page.next, problem: null };
}

/** Go to the place that the address names, loading what is before it; and again when one is chosen. @param {any} history */
export function useSought(history) {
  const now = useRef(history);
  now.current = history;
  const wanted = route.value.query.get("at");
  const last = useRef(/** @type {string | null} */ (null));
  seek.current = async (place) => {
    last.current = place;
    let element = document.getElementById(place);
    while (!element && place.startsWith("at-") && now.current.next) {
      const page = await now.current.more();
      if (page.items.some((/** @type {any} */ line) => linePlace(line) === place)) await drawn();
      element = document.getElementById(place);
      if (!page.next) break;
      await drawn();
    }
    arrive(element ?? document.getElementById(place));
  };
  useEffect(() => {
    if (history.lines && wanted && wanted !== last.current) seek.current(wanted);
  }, [wanted, history.lines]);
}
const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

/** @param {HTMLElement | null} element */
function arrive(element) {
  if (!element) return;
  for (let details = element.closest("details"); details; details = details.parentElement?.closest("details") ?? null) details.open = true;
  element.scrollIntoView({ block: "center", inline: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  element.focus({ preventScroll: true });
}

/** @param {any} props */
export function History({ history, known, chain, path }) {
  const { lines, next, problem } = history;
  const chosen = route.value.query.get("at");
  return html`<${Panel} title=${t("history")} actions=${html`<${Verified} path=${path} />`}>
    ${problem && !lines ? html`<${Failed} problem=${problem} again=${history.again} />` : lines === null ? html`<${Loading} />` : html`
      <ol class="plain">${lines.map((/** @type {any} */ line) => html`<${Line} key=${linePlace(line)} ...${{ line: line, known, chain, chosen }} />`)}</ol>
      ${next ? html`<${More} next=${next} load=${history.more} />` : null}`}
  <//>`;
}

/** @param {any} props */
function Line({ line, known, chain, chosen }) {
  const place = linePlace(line);
  const small = aside(line);
  const zone = known.why.time_zone;
  const late = line.occurred_at && Math.abs(Date.parse(line.at) - Date.parse(line.occurred_at)) > 60_000;
  const about = line.passed.length || line.fired?.verdict?.clauses.length;
  return html`<li class="line event" id=${place} tabindex="-1" aria-current=${place === chosen ? "true" : undefined} ...${touching(place)}>
    <span class="when"><${Place} place=${place} title=${t("doc address")}><time datetime=${line.at}>${moment(line.at, zone)}</time><//></span><i class=${`dot ${DOTS[line.kind] ?? ""}`} aria-hidden="true"></i>
    <div>
      <p><bdi>${sentence(line, known)}</bdi>${small ? html` <${Pill}>${small}<//>` : null}</p>
      ${line.reason && line.kind !== "warning" ? html`<p class="dim"><bdi>${line.reason}</bdi></p>` : null}
      ${line.changes.map((/** @type {any} */ change) => html`<p class="dim" key=${change.field}><bdi>${changed(known, change)}</bdi></p>`)}
      ${late ? html`<p class="dim">${t("doc happened at", { at: moment(line.occurred_at, zone) })}</p>` : null}
      <${Steps} ...${{ chain, place, known }} />
      ${about ? html`<details><summary>${t("doc why", { n: line.passed.length + (line.fired ? 1 : 0) })}</summary><${Decision} ...${{ line, known }} /></details>` : null}
    </div>
  </li>`;
}

/** Which trigger fired, and why the others did not. @param {any} props */
function Decision({ line, known }) {
  return html`<div class="decision">
    ${line.fired ? html`<div class="line"><${Pill} tone="ok">${t("fired")}<//><div><b>${triggerName(known, line.fired.trigger)}</b> → ${stageName(known, line.fired.stage)}<${Clauses} verdict=${line.fired.verdict} known=${known} /></div></div>` : null}
    ${line.passed.map((/** @type {any} */ passed, /** @type {number} */ index) => html`<div class="line" key=${index}><${Pill}>${t("did not match")}<//><div><b>${triggerName(known, passed.trigger)}</b> → ${stageName(known, passed.stage)}${passed.verdict?.clauses.length ? "" : `: ${passed.reason}`}<${Clauses} verdict=${passed.verdict} known=${known} /></div></div>`)}
  </div>`;
}

/** Whether every line is as it was written: the hashes are computed anew on demand. @param {{path: string}} props */
function Verified({ path }) {
  const [verification, put] = useState(/** @type {any} */ (null));
  const [busy, set] = useState(false);
  async function verify() {
    set(true);
    try {
      put(await get(`${path}/verification`));
    } catch (error) {
      put({ error });
    }
    set(false);
  }
  return html`<div class="verified" role="status">
    ${verification?.error ? html`<span class="bad">${verification.error.message}</span>` : null}
    ${verification && !verification.error ? html`<span>${verification.holds ? html`<span aria-hidden="true">✓</span> ${t("doc verified", { n: verification.entries })}` : html`<span aria-hidden="true">✗</span> ${t("doc not verified", { n: verification.problems.length })}`}${verification.before ? `; ${t("doc unproven", { n: verification.before })}` : ""}${verification.erased ? `; ${t("doc erased entries", { n: verification.erased })}` : ""}</span>
      ${verification.hash ? html`<code title=${t("doc hash")}>${verification.hash.slice(0, 12)}…</code><${Button} quiet onClick=${() => navigator.clipboard?.writeText(verification.hash)}>${t("doc copy hash")}<//>` : null}
      ${verification.problems.map((/** @type {any} */ problem) => html`<p key=${problem.number}>${t("doc entry number", { number: problem.number })}: ${problem.text}</p>`)}` : null}
    <${Button} quiet disabled=${busy} onClick=${verify}>${busy ? t("working") : t("doc verify")}<//>
  </div>`;
}
