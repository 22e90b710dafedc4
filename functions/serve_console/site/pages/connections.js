// @ts-check
/** Connections: the list of them, and one with its steps, messages and credentials. */
import { useEffect, useState } from "../vendor/preact.js";
import { get } from "../lib/api.js";
import { Button, Empty, More, PageHead, Pill, Shown, go, html, moment, route, t, to, useLive } from "../lib/ui.js";
import { Connect } from "./connections/connect.js";
import One from "./connections/one.js";
import { silenceOf, stateOf } from "./connections/state.js";

export default function Connections() {
  const id = route.value.parts[1];
  return id ? html`<${One} key=${id} id=${id} />` : html`<${List} />`;
}

function List() {
  const live = useLive(() => get("/connections", { limit: 50 }), [], 10);
  const [more, add] = useState(/** @type {any} */ (null));
  const [adding, open] = useState(false);
  const [titles, know] = useState(/** @type {Record<string, string>} */ ({}));
  useEffect(() => {
    get("/catalogue/providers").then((page) => know(Object.fromEntries(page.items.map((/** @type {any} */ provider) => [provider.provider, provider.title]))), () => {});
  }, []);
  return html`<div class="page wide">
    <${PageHead} title=${t("page connections")}><${Button} role="administrator" main onClick=${() => open(true)}>${t("connect")}<//><//>
    <${Shown} live=${live}>${(/** @type {any} */ page) => {
      const rows = [...page.items, ...(more?.items ?? [])];
      return rows.length ? html`<${Table} rows=${rows} titles=${titles} />
        <${More} next=${more ? more.next : page.next} load=${async () => {
          const part = await get("/connections", { limit: 50, cursor: more ? more.next : page.next });
          add({ items: [...(more?.items ?? []), ...part.items], next: part.next });
        }} />` : html`<${Empty} title=${t("no connection yet")}><p>${t("no connection about")}</p><p><${Button} role="administrator" main onClick=${() => open(true)}>${t("connect")}<//></p><//>`;
    }}<//>
    ${adding ? html`<${Connect} close=${() => open(false)} done=${(/** @type {any} */ made) => go(to(["connections", made.connection]))} />` : null}
  </div>`;
}

/** @param {{rows: any[], titles: Record<string, string>}} props */
const Table = ({ rows, titles }) => html`<div class="scroll" tabindex="0" role="region" aria-label=${t("page connections")}><table>
  <thead><tr><th>${t("connection")}</th><th>${t("provider")}</th><th>${t("pipeline")}</th><th>${t("state")}</th><th>${t("last event")}</th><th>${t("silence")}</th></tr></thead>
  <tbody>${rows.map((pipeline) => {
    const state = stateOf(pipeline);
    return html`<tr key=${pipeline.id}>
      <td><a href=${to(["connections", pipeline.id])} dir="auto">${pipeline.name || pipeline.id}</a>${pipeline.name ? html` <span class="dim">${pipeline.id}</span>` : null}</td>
      <td>${titles[pipeline.provider] ?? pipeline.provider}</td>
      <td><a href=${to(["board"], { pipeline: pipeline.pipeline })}>${pipeline.pipeline}</a></td>
      <td><${Pill} tone=${state.tone}>${state.text}<//></td>
      <td>${pipeline.last_event_at ? moment(pipeline.last_event_at) : t("never")}</td>
      <td>${silenceOf(pipeline)}</td>
    </tr>`;
  })}</tbody>
</table></div>`;
