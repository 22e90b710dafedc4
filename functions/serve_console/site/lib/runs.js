// @ts-check
/** What people do with runs, one by one: each says what it does before what cannot be undone. */
import { useState } from "../vendor/preact.js";
import { Problem, call } from "./api.js";
import { Button, Field, FormDialog, html, recount, say, t, titleOf as problemTitle } from "./ui.js";
import { dayIn, momentOf, timeIn, today } from "./zones.js";

/** What can be done with a run in a state, what is done most first. @type {Record<string, string[]>} */
export const ACTIONS = { failed: ["retry", "accept", "skip"], in_doubt: ["accept", "retry", "skip"], ready: ["now", "shift", "skip"], waiting: ["skip"], no_date: ["skip"] };
/** What is done without asking: it is what was planned anyhow. */
const AT_ONCE = ["failed retry", "ready now"];

/** @param {string} run @param {string} action @param {{body?: any, query?: any}} [given] */
const change = (run, action, given = {}) => call("POST", `/runs/${encodeURIComponent(run)}/${action}`, { ...given, key: crypto.randomUUID() });

/** The buttons of a run. @param {{run: any, name: string, title: string, zone?: string, settled: (run: any) => void}} props */
export function RunActions({ run, name, title, zone = "UTC", settled }) {
  const [asking, ask] = useState(/** @type {string | null} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [busy, set] = useState(false);
  const about = `${name}, ${title}`;
  /** @param {string} action @param {any} [given] */
  async function act(action, given) {
    await change(run.run, action, given);
    say(t(`done ${action}`, { name }));
    settled(run);
    recount();
  }
  /** @param {string} action */
  async function begin(action) {
    if (!AT_ONCE.includes(`${run.state} ${action}`)) return ask(action);
    if (busy) return;
    set(true);
    tell(null);
    try {
      await act(action, action === "retry" ? { query: { even_if_left: false } } : undefined);
    } catch (error) {
      if (action === "retry" && error instanceof Problem && error.type === "not-possible") ask("retry left");
      tell(error);
    }
    set(false);
  }
  const close = () => (ask(null), tell(null));
  const actions = ACTIONS[run.state] ?? [];
  return html`<div class="row">
    ${actions.map((action, index) => html`<${Button} key=${action} role="operator" quiet=${index > 0} disabled=${busy} aria-label=${`${t(`act ${action}`)}: ${about}`} onClick=${() => begin(action)}>${t(`act ${action}`)}<//>`)}
    ${problem && asking === null ? html`<p class="error" role="alert">${problemTitle(problem)}${problem.message === problemTitle(problem) ? "" : `: ${problem.message}`}</p>` : null}
    ${asking === "shift" ? html`<${Shift} about=${about} due=${run.due} zone=${zone} close=${close} submit=${(/** @type {any} */ body) => act("shift", { body })} />` : null}
    ${asking === "retry left" ? html`<${FormDialog} title=${t("retry all the same")} action=${t("retry all the same")} close=${close} submit=${() => act("retry")}><p>${problem?.message}</p><//>` : null}
    ${asking && !["shift", "retry left"].includes(asking) ? html`<${FormDialog} title=${`${t(`act ${asking}`)}: ${about}`} danger=${asking === "skip"} action=${t(`act ${asking}`)} close=${close} submit=${() => act(asking)}><p>${t(run.state === "in_doubt" && asking === "retry" ? "about retry in doubt" : `about ${asking}`)}</p><//>` : null}
  </div>`;
}

/** @param {{about: string, due: string | null, zone: string, close: () => void, submit: (body: any) => Promise<void>}} props */
const Shift = ({ about, due, zone, close, submit }) =>
  html`<${FormDialog} title=${`${t("act shift")}: ${about}`} action=${t("shift it")} close=${close} submit=${(/** @type {FormData} */ form) => submit(shiftOf(form, zone))}>
    <${ShiftFields} due=${due} zone=${zone} />
  <//>`;

/** A day and a time, in the zone that is said. @param {{due?: string | null, zone: string}} props */
export function ShiftFields({ due, zone }) {
  const from = due ?? new Date(Date.now() + 86_400_000).toISOString();
  return html`<div>
    <${Field} label=${t("day")}>${(/** @type {any} */ given) => html`<input class="input" type="date" name="day" required min=${today(zone)} defaultValue=${dayIn(from, zone)} ...${given} />`}<//>
    <${Field} label=${t("time")} help=${t("times in", { zone })}>${(/** @type {any} */ given) => html`<input class="input" type="time" name="time" required defaultValue=${timeIn(from, zone)} ...${given} />`}<//>
  </div>`;
}
/** @param {FormData} form @param {string} zone */
export const shiftOf = (form, zone) => ({ to: momentOf(String(form.get("day")), String(form.get("time")), zone) });

