// @ts-check
/** Webhooks that are genuine and could not be read: the list, and one as it came. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { get, post } from "../../lib/api.js";
import { Button, Failed, Panel, Shown, Typed, age, html, moment, recount, route, say, size, t, to, useLive } from "../../lib/ui.js";
import { useSettled } from "../../lib/lists.js";
import { DocumentLink } from "../../lib/names.js";
import { rejectedRequests } from "../../lib/whole.js";

/** @param {string} id */
const retry = async (id) => {
  const answer = await post(`/rejected-requests/${encodeURIComponent(id)}/retry`);
  recount();
  return answer;
};

/** @param {{filtered?: boolean}} props */
export function Rejected({ filtered }) {
  const connection = (filtered && route.value.query.get("connection")) || "";
  const live = useLive(() => rejectedRequests(connection), [connection], 20);
  const { head, has, settle } = useSettled();
  const [all, go] = useState(/** @type {{of: number, done: number, refused: number} | null} */ (null));
  const stopped = useRef(false);
  useEffect(() => () => {
    stopped.current = true;
  }, []);
  /** @param {any[]} rows */
  async function retryAll(rows) {
    const state = { of: rows.length, done: 0, refused: 0 };
    stopped.current = false;
    go({ ...state });
    for (const row of rows) {
      if (stopped.current) break;
      const outcome = await retry(row.id).then((answer) => answer.outcome, () => "rejected");
      if (outcome === "rejected") state.refused++;
      else state.done++;
      go({ ...state });
    }
    say(t("webhooks taken again", { n: state.done, all: state.of }));
    go(null);
    live.again();
  }
  return html`<section class="panel" aria-label=${t("trouble rejected")}><${Shown} live=${live}>${(/** @type {any} */ page) => {
    const rows = page.items.filter((/** @type {any} */ row) => !has(row.id));
    return html`
    <header class="row"><h2 tabindex="-1" ref=${head}>${t("trouble rejected")}</h2><span class="grow"></span>
      ${rows.length > 1 ? html`<${Button} role="operator" disabled=${all !== null} onClick=${() => retryAll(rows)}>${t("take all webhooks again")}<//>` : null}</header>
    <p class="about">${t("trouble rejected about")}</p>
    ${filtered ? html`<div class="filters"><${Typed} name="connection" label=${t("connection")} value=${connection} /></div>` : null}
    ${all ? html`<div class="row"><progress aria-label=${t("progress")} max=${all.of} value=${all.done + all.refused}></progress>
      <span role="status">${t("taking webhooks again", { n: all.done + all.refused, all: all.of })}</span>
      <${Button} danger onClick=${() => (stopped.current = true)}>${t("abort")}<//></div>` : null}
    ${page.unreadable.length ? html`<div role="note"><p><b>${t("unreadable")}</b></p><ul>${page.unreadable.map((/** @type {string} */ text) => html`<li key=${text}>${text}</li>`)}</ul></div>` : null}
    ${rows.length || page.unreadable.length ? null : html`<p class="dim">${t(connection ? "nothing matches" : "no webhook rejected")}</p>`}
    ${rows.map((/** @type {any} */ row) => html`<${Row} key=${row.id} row=${row} settled=${() => settle(row.id)} />`)}`;
  }}<//></section>`;
}

/** @param {{row: any, settled: () => void}} props */
function Row({ row, settled }) {
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [reason, know] = useState(/** @type {string | null} */ (null));
  const about = t("message of", { connection: row.connection, at: moment(row.received_at) });
  return html`<div class="entry bare">
    <div>
      <p><a href=${to(["inbox", "rejected", row.id])}><b>${about}</b></a> · ${row.provider}</p>
      <p dir="auto">${reason ?? row.reason}</p>
      <p class="dim">${t("answered with", { status: row.status, span: age(row.received_at) })}</p>
      ${reason ? html`<p role="alert">${t("webhook still rejected")}</p>` : null}${problem ? html`<${Failed} problem=${problem} />` : null}
    </div>
    <div class="row"><${Button} role="operator" aria-label=${`${t("take webhook again")}: ${about}`} onClick=${async () => {
      tell(null);
      try {
        const answer = await retry(row.id);
        if (answer.outcome === "rejected") return know(answer.reason ?? row.reason);
        say(t("webhooks taken again", { n: 1, all: 1 }));
        settled();
      } catch (error) {
        tell(error);
      }
    }}>${t("take webhook again")}<//></div>
  </div>`;
}

/** @param {{id: string}} props */
export function OneRejected({ id }) {
  const live = useLive(() => get(`/rejected-requests/${encodeURIComponent(id)}`), [id], 0);
  const [taken, take] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  return html`<p class="about"><a href=${to(["inbox", "rejected"])}>${t("trouble rejected")}</a></p>
    ${taken && taken.outcome !== "rejected" ? html`<${Panel} title=${t("taken")}><p role="status">${t("taken about")} ${taken.documents.map((/** @type {string} */ document) => html`<${DocumentLink} key=${document} id=${document} /> `)}</p><//>` : null}
    <${Shown} live=${live}>${(/** @type {any} */ request) => html`
      <${Panel} title=${t("message of", { connection: request.connection, at: moment(request.received_at) })} actions=${html`<${Button} main role="operator" disabled=${taken && taken.outcome !== "rejected"} onClick=${async () => {
        tell(null);
        try {
          take(await retry(id));
        } catch (error) {
          tell(error);
        }
      }}>${t("take webhook again")}<//>`}>
        <p><b dir="auto">${taken?.reason ?? request.reason}</b></p>
        ${taken?.outcome === "rejected" ? html`<p role="alert">${t("webhook still rejected")}</p>` : null}
        ${problem ? html`<${Failed} problem=${problem} />` : null}
        <dl>
          <dt>${t("connection")}</dt><dd><a href=${to(["connections", request.connection])}>${request.connection}</a> · ${request.provider}</dd>
          <dt>${t("answer")}</dt><dd>${request.status}</dd>
          <dt>${t("authenticity")}</dt><dd>${t(`proved ${request.authenticity}`)}</dd>
          <dt>${t("request")}</dt><dd>${request.method}${request.slot ? ` · ${request.slot}` : ""}${request.query.length ? ` · ${t("parameters", { names: request.query.join(", ") })}` : ""}</dd>
        </dl>
      <//>
      <${Panel} title=${t("headers")}><div class="scroll" tabindex="0" role="group" aria-label=${t("headers")}><table><thead><tr><th>${t("header")}</th><th>${t("value")}</th></tr></thead><tbody>
        ${Object.entries(request.headers).map(([name, value]) => html`<tr key=${name}><td>${name}</td><td>${value}</td></tr>`)}</tbody></table></div><//>
      <${Panel} title=${t("body", { size: size(request.size) })}><pre class="raw" tabindex="0" role="group" aria-label=${t("body", { size: size(request.size) })}>${request.body}</pre><//>`}<//>`;
}
