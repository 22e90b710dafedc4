// @ts-check
/** The third step: messages as the provider would send them, one after the other. */
import { useState } from "../../vendor/preact.js";
import { get } from "../../lib/api.js";
import { Button, Failed, Field, Shown, filter, html, t, textOr, useLive } from "../../lib/ui.js";
import { CLIENT, SIGNING, examplesOf, messageOf } from "../connections/examples.js";
import { Outcome, sendTest } from "../connections/test.js";

/** @param {{connection: string, envelope: string | null, last: string | null, document: string | null}} props */
export function Events({ connection, envelope, last, document }) {
  const live = useLive(() => get(`/connections/${encodeURIComponent(connection)}`), [connection], 4);
  return html`<${Shown} live=${live}>${(/** @type {any} */ known) => {
    if (known.waits_for_secret) return html`<p class="note wait">${t("test needs secret")}</p>`;
    const came = document ? null : known.last_events.find((/** @type {any} */ event) => event.document);
    const given = { connection, provider: known.provider, envelope, last };
    return html`${examplesOf(known.provider).length ? html`<${Examples} ...${given} />` : html`<${Pasted} ...${given} />`}
      ${came ? html`<p class="note ok" role="status">${t("an event came", { event: textOr(`event ${came.kind}`, came.kind) })}
        <button type="button" class="link" onClick=${() => filter({ document: came.document })}>${t("go on with its document")}</button></p>` : null}`;
  }}<//>`;
}

/** What is sent, and what came of the last one. @param {string} connection */
function useSending(connection) {
  const [state, set] = useState(/** @type {{busy: string | null, answer: any, problem: any, what: string | null}} */ ({ busy: null, answer: null, problem: null, what: null }));
  /** @param {string} what @param {any} message @param {Record<string, any>} reached */
  async function send(what, message, reached) {
    if (state.busy) return;
    set({ busy: what, answer: null, problem: null, what });
    try {
      const answer = await sendTest(connection, message);
      set({ busy: null, answer, problem: null, what });
      if (answer.documents.length) filter({ ...reached, document: answer.documents[0] });
    } catch (problem) {
      set({ busy: null, answer: null, problem, what });
    }
  }
  return { ...state, send };
}

/** @param {{connection: string, provider: string, envelope: string | null, last: string | null}} props */
function Examples({ connection, provider, envelope, last }) {
  const [client, type] = useState(CLIENT);
  const { busy, answer, problem, what, send } = useSending(connection);
  const place = last ? SIGNING.indexOf(last) : -1;
  const ended = last === "completed" || last === "declined";
  /** @param {string} event */
  const act = (event) => {
    const own = envelope && !(event === "sent" && ended) ? envelope : crypto.randomUUID();
    send(event, messageOf(provider, event, own, client.trim()), { envelope: own, last: event });
  };
  return html`
    <${Field} label=${t("client of the test")} help=${t("client of the test help")}>${(/** @type {any} */ more) => html`<input class="input narrow" type="email" value=${client} onInput=${(/** @type {any} */ event) => type(event.target.value)} ...${more} />`}<//>
    <ol class="tries">${SIGNING.map((event, index) => {
      const done = place >= index && !(event !== last && last === "declined" && event !== "sent");
      const next = event === (ended ? "" : SIGNING[place + 1]);
      return html`<li key=${event}><${Button} role="administrator" main=${next} aria-label=${`${t("send")}: ${t(`example ${event}`)}`} disabled=${busy || (event !== "sent" && !envelope) || (ended && event !== "sent")} title=${!envelope && event !== "sent" ? t("send it first") : undefined}
        onClick=${() => act(event)}>${busy === event ? t("working") : t("send")}<span class="unseen">: ${t(`example ${event}`)}</span><//>
        <span>${t(`example ${event}`)}${done ? html` <span class="dim">✓ ${t("was sent")}</span>` : null}</span></li>`;
    })}</ol>
    <div aria-live="polite">${answer ? html`<p class="dim">${t(`example ${what}`)}</p><${Outcome} answer=${answer} />` : null}</div>
    ${problem ? html`<${Failed} problem=${problem} />` : null}`;
}

/** @param {{connection: string}} props */
function Pasted({ connection }) {
  const [body, type] = useState("");
  const { busy, answer, problem, send } = useSending(connection);
  const json = /^\s*[[{]/.test(body);
  return html`<p class="note wait spaced">${t("no example")} ${t("or send an envelope")}</p>
    <${Field} label=${t("message")}>${(/** @type {any} */ more) => html`<textarea class="input area code" spellcheck=${false} value=${body} onInput=${(/** @type {any} */ event) => type(event.target.value)} ...${more}></textarea>`}<//>
    <p><${Button} main role="administrator" disabled=${busy || !body.trim()} onClick=${() => send("pasted", { body, headers: { "content-type": json ? "application/json" : "application/x-www-form-urlencoded" } }, {})}>${busy ? t("working") : t("send")}<//></p>
    <div aria-live="polite">${answer ? html`<${Outcome} answer=${answer} />` : null}</div>
    ${problem ? html`<${Failed} problem=${problem} />` : null}`;
}
