// @ts-check
/** What several parts of a document's page are made of: states, conditions, links along the chain of causes. */
import { effect, signal, useEffect } from "../../vendor/preact.js";
import { OUTCOME_MARKS, filter, html, t } from "../../lib/ui.js";
import { operatorName, takes } from "../../lib/vocabulary.js";
import { fieldName, runName, sentence, valueOf } from "../../lib/happened.js";
import { family } from "./chain.js";

export const TONES = /** @type {Record<string, string>} */ ({ done: "ok", waiting: "wait", awaiting: "wait", ready: "wait", running: "wait", no_date: "wait", failed: "bad", in_doubt: "bad", skipped: "plain", cancelled: "plain" });

/** What the pointer or the focus is on: its whole chain is shown. */
export const touched = signal(/** @type {string | null} */ (null));
/** What is called when a place is chosen that may not be loaded yet. @type {{current: (place: string) => void}} */
export const seek = { current: () => {} };

/** @param {string} place */
export function choose(place) {
  filter({ at: place });
  seek.current(place);
}

/** A link to a line of the history or a run. @param {any} props */
export const Place = ({ place, title, step, children }) => html`<a class=${step ? "step" : undefined} href=${`#${place}`} title=${title} onClick=${(/** @type {Event} */ event) => {
  event.preventDefault();
  choose(place);
}}>${children}</a>`;

/** Events by which a part tells that its chain is to be shown. @param {string} place */
export const touching = (place) => ({
  onPointerEnter: () => (touched.value = place),
  onPointerLeave: () => (touched.value = null),
  onFocusIn: () => (touched.value = place),
  onFocusOut: () => (touched.value = null),
});

/** Mark the chain of what is touched; the page is not drawn anew for it. @param {import("./chain.js").Chain | null} chain */
export function useTouched(chain) {
  useEffect(
    () =>
      effect(() => {
        const place = touched.value;
        for (const element of document.querySelectorAll(".linked")) element.classList.remove("linked");
        if (!place || !chain) return;
        const places = family(chain, place);
        if (places.size > 1) for (const linked of places) document.getElementById(linked)?.classList.add("linked");
      }),
    [chain],
  );
}

/** What something came from and led to, each a step along the chain. @param {{chain: import("./chain.js").Chain, place: string, known: any, down?: boolean}} props */
export function Steps({ chain, place, known, down }) {
  const cause = down ? null : chain.up.get(place);
  const effects = chain.down.get(place) ?? [];
  if (!cause && !effects.length) return null;
  return html`<p class="steps">
    ${cause ? html`<span>${t("doc because of")} <${Step} ...${{ chain, place: cause, known }} /></span>` : null}
    ${effects.length ? html`<span>${t("doc led to")} ${effects.slice(0, 8).map((effectPlace) => html`<${Step} key=${effectPlace} ...${{ chain, place: effectPlace, known }} />`)}${effects.length > 8 ? html` <span>${t("doc and more", { n: effects.length - 8 })}</span>` : null}</span>` : null}
  </p>`;
}
/** @param {{chain: import("./chain.js").Chain, place: string, known: any}} props */
function Step({ chain, place, known }) {
  const run = chain.runs.get(place);
  const text = run ? runName(known, run.run) : sentence(chain.items.get(place), known);
  return html`<${Place} place=${place} title=${text} step><bdi>${text}</bdi><//>`;
}

/** A condition clause by clause, with the value that was found. @param {{verdict: any, known: any}} props */
export function Clauses({ verdict, known }) {
  if (!verdict?.clauses?.length) return null;
  return html`<ul class="clauses">${verdict.clauses.map((/** @type {any} */ clause, /** @type {number} */ index) => html`<li key=${index} class=${clause.outcome}>
    <span aria-hidden="true">${OUTCOME_MARKS[clause.outcome]}</span>
    ${" "}${fieldName(known, clause.field)} ${operatorName(clause.op)}${clause.wanted === null || takes(clause.op) === "nothing" ? "" : html` <bdi>${valueOf(known, clause.field, clause.wanted)}</bdi>`}: ${t("found value", { value: clause.found === null ? t("nothing") : valueOf(known, clause.field, clause.found) })}
    <span class="unseen">, ${t(`outcome ${clause.outcome}`)}</span>
  </li>`)}</ul>`;
}

/** The pipeline's name of a stage. @param {any[]} stages @param {string | null} id */
export const nameOf = (stages, id) => stages.find((stage) => stage.id === id)?.name ?? id ?? "";
