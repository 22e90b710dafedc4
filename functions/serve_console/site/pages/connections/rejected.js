// @ts-check
/** Genuine messages of a connection that could not be read: why, what they said, and taking them again. */
import { useState } from "../../vendor/preact.js";
import { get, post } from "../../lib/api.js";
import { Button, Dialog, Failed, Panel, Pill, Shown, html, moment, say, size, t, textOr, useLive } from "../../lib/ui.js";
import { rejectedRequests } from "../../lib/whole.js";

/** @param {{connection: string}} props */
export function Rejected({ connection }) {
  const live = useLive(() => rejectedRequests(connection), [connection], 15);
  const [open, show] = useState(/** @type {string | null} */ (null));
  return html`<${Panel} title=${t("rejected")}>
    <${Shown} live=${live}>${(/** @type {any} */ page) => page.items.length ? page.items.map((/** @type {any} */ row) => html`<div class="line" key=${row.id}>
      <time datetime=${row.received_at}>${moment(row.received_at)}</time>
      <div><p><${Pill} tone="bad">${row.status}<//> <span>${row.reason}</span></p>
        <p class="row links"><button type="button" class="link" onClick=${() => show(row.id)}>${t("show message")}</button></p></div>
    </div>`) : html`<p class="dim">${t("no rejected")}</p>`}<//>
    ${open ? html`<${Message} id=${open} close=${() => show(null)} again=${() => live.again()} />` : null}
  <//>`;
}

/** @param {{id: string, close: () => void, again: () => void}} props */
function Message({ id, close, again }) {
  const path = `/rejected-requests/${encodeURIComponent(id)}`;
  const live = useLive(() => get(path), [id], 0);
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [left, know] = useState(/** @type {string | null} */ (null));
  async function take() {
    tell(null);
    know(null);
    try {
      const done = await post(`${path}/retry`);
      again();
      if (done.outcome === "rejected") return know(done.reason ?? "");
      say(textOr(`outcome of ${done.outcome}`, done.outcome));
      close();
    } catch (error) {
      tell(error);
    }
  }
  return html`<${Dialog} title=${t("rejected message")} close=${close} wide actions=${html`<${Button} main role="operator" onClick=${take}>${t("take again")}<//>`}>
    <${Shown} live=${live}>${(/** @type {any} */ request) => html`
      <p class="spaced"><span>${request.reason}</span></p>
      <p class="dim">${request.method} · ${moment(request.received_at)} · ${size(request.size)} · ${textOr(`authenticity ${request.authenticity}`, request.authenticity)}</p>
      <pre class="code" tabindex="0" role="region" aria-label=${t("message")}>${pretty(request.body)}</pre>`}<//>
    <p class="dim spaced">${t("take again about")}</p>
    <div aria-live="polite">${left === null ? null : html`<p class="note bad">${t("still rejected")} <span>${left}</span></p>`}</div>
    ${problem ? html`<${Failed} problem=${problem} />` : null}
  <//>`;
}

/** @param {string} body */
function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
