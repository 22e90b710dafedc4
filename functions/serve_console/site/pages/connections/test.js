// @ts-check
/** Sending a message to a connection as its provider would. */
import { useRef, useState } from "../../vendor/preact.js";
import { post } from "../../lib/api.js";
import { Button, Dialog, Failed, Field, Pill, html, t, to, told } from "../../lib/ui.js";
import { examplesOf } from "./examples.js";

/** @param {any} props */
export function TestEvent({ known, path, close, sent }) {
  const envelope = useRef(crypto.randomUUID());
  const examples = examplesOf(known.provider);
  const [chosen, choose] = useState(examples[0]?.id ?? "");
  const [body, type] = useState(examples[0]?.message(envelope.current).body ?? "");
  const [busy, set] = useState(false);
  const [answer, know] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  async function send() {
    if (busy || !body.trim()) return;
    set(true);
    tell(null);
    try {
      const json = body.trim().startsWith("{") || body.trim().startsWith("[");
      know(await post(`${path}/test-events`, { body, headers: { "content-type": json ? "application/json" : "application/x-www-form-urlencoded" } }));
      sent();
    } catch (error) {
      tell(error);
    }
    set(false);
  }
  return html`<${Dialog} title=${t("test event")} close=${close} wide actions=${html`<${Button} main disabled=${busy || !body.trim()} onClick=${send}>${busy ? t("working") : t("send")}<//>`}>
    <p class="spaced">${t("test about")}</p>
    ${examples.length ? html`<${Field} label=${t("example")} help=${t(chosen === "call" ? "example call help" : "example help")}>${(/** @type {any} */ more) => html`<select class="input" ...${more} onChange=${(/** @type {any} */ event) => {
      choose(event.target.value);
      know(null);
      type(examples.find((one) => one.id === event.target.value)?.message(envelope.current).body ?? body);
    }}>${examples.map((one) => html`<option key=${one.id} value=${one.id} selected=${one.id === chosen}>${t(`example ${one.id}`)}</option>`)}</select>`}<//>` : html`<p class="note wait">${t("no example")}</p>`}
    <${Field} label=${t("message")}>${(/** @type {any} */ more) => html`<textarea class="input area code" rows="10" spellcheck="false" value=${body} onInput=${(/** @type {any} */ event) => type(event.target.value)} ...${more}></textarea>`}<//>
    <div aria-live="polite">${answer ? html`<p class="note ${answer.status < 300 ? "ok" : "bad"}"><${Pill} tone=${answer.status < 300 ? "ok" : "bad"}>${answer.status}<//> ${told(`outcome of ${answer.outcome}`, answer.outcome)}${answer.reason ? html`: <span lang="en">${answer.reason}</span>` : null}
      ${answer.documents.map((/** @type {string} */ one) => html` <a key=${one} href=${to(["documents", one])}>${t("to the document")}</a>`)}</p>` : null}</div>
    ${problem ? html`<${Failed} problem=${problem} />` : null}
  <//>`;
}
