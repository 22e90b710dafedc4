// @ts-check
/** Sending a message to a connection as its provider would, and what came of it. */
import { useRef, useState } from "../../vendor/preact.js";
import { post } from "../../lib/api.js";
import { Button, Dialog, Failed, Field, Pill, html, t, to, textOr } from "../../lib/ui.js";
import { examplesOf, messageOf } from "./examples.js";

/** @param {string} body */
const typeOf = (body) => (/^\s*[[{]/.test(body) ? "application/json" : "application/x-www-form-urlencoded");

/** What stands behind the address of a call. @param {import("./examples.js").Message} message */
const callOf = ({ slot, query }) => `${slot ? `/${slot}` : ""}${query ? `?${new URLSearchParams(query)}` : ""}`;

/** @param {string} connection @param {import("./examples.js").Message} message */
export const sendTest = (connection, message) => post(`/connections/${encodeURIComponent(connection)}/test-events`, message);

/** What became of a message. @param {{answer: any}} props */
export const Outcome = ({ answer }) => {
  const tone = answer.status < 300 ? "ok" : "bad";
  return html`<p class=${`note ${tone}`}><${Pill} tone=${tone}>${answer.status}<//> ${textOr(`outcome of ${answer.outcome}`, answer.outcome)}${answer.reason ? html`: <span>${answer.reason}</span>` : null}
    ${answer.documents.map((/** @type {string} */ document) => html` <a key=${document} href=${to(["documents", document])}>${t("to the document")}</a>`)}</p>`;
};

/** @param {{known: any, close: () => void, sent: () => void}} props */
export function TestEvent({ known, close, sent }) {
  const envelope = useRef(crypto.randomUUID());
  const examples = examplesOf(known.provider);
  const [chosen, choose] = useState(examples[0] ?? "");
  const empty = (/** @type {string} */ text) => !text.trim() && !(chosen && messageOf(known.provider, chosen, envelope.current).query);
  const [body, type] = useState(chosen ? messageOf(known.provider, chosen, envelope.current).body : "");
  const call = chosen ? callOf(messageOf(known.provider, chosen, envelope.current)) : "";
  const [busy, set] = useState(false);
  const [answer, know] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  async function send() {
    if (busy || empty(body)) return;
    set(true);
    tell(null);
    know(null);
    try {
      const example = chosen ? messageOf(known.provider, chosen, envelope.current) : null;
      know(await sendTest(known.id, { ...example, body, headers: example?.headers ?? { "content-type": typeOf(body) } }));
      sent();
    } catch (error) {
      tell(error);
    }
    set(false);
  }
  return html`<${Dialog} title=${t("test event")} close=${close} wide actions=${html`<${Button} main disabled=${busy || empty(body)} onClick=${send}>${busy ? t("working") : t("send")}<//>`}>
    <p class="spaced">${t("test about")}</p>
    ${examples.length ? html`<${Field} label=${t("example")} help=${t(["call", "payment"].includes(chosen) ? `example ${chosen} help` : "example help")}>${(/** @type {any} */ more) => html`<select class="input" ...${more} onChange=${(/** @type {any} */ event) => {
      choose(event.target.value);
      know(null);
      type(messageOf(known.provider, event.target.value, envelope.current).body);
    }}>${examples.map((example) => html`<option key=${example} value=${example} selected=${example === chosen}>${t(`example ${example}`)}</option>`)}</select>`}<//>` : html`<p class="note wait spaced">${t("no example")}</p>`}
    ${call ? html`<p class="spaced dim">${t("called with")} <code>${call}</code></p>` : null}
    <${Field} label=${t("message")}>${(/** @type {any} */ more) => html`<textarea class="input area code" rows="10" spellcheck=${false} value=${body} onInput=${(/** @type {any} */ event) => type(event.target.value)} ...${more}></textarea>`}<//>
    <div aria-live="polite">${answer ? html`<${Outcome} answer=${answer} />` : null}</div>
    ${problem ? html`<${Failed} problem=${problem} />` : null}
  <//>`;
}
