// @ts-check
/** Documents: the list with its filters, and one of them. */
import { useEffect, useState } from "../vendor/preact.js";
import { get } from "../lib/api.js";
import { Empty, Failed, Loading, More, PageHead, Pill, age, filter, html, money, route, t, to } from "../lib/ui.js";

const PAUSE = 250;

export default function Documents() {
  const id = route.value.parts[1];
  const [module, know] = useState(/** @type {any} */ (null));
  useEffect(() => {
    if (id && !module) import("./document.js").then(know);
  }, [id]);
  if (!id) return html`<${List} />`;
  return module ? html`<${module.default} key=${id} id=${id} />` : html`<${Loading} />`;
}

function List() {
  const { query } = route.value;
  const wanted = Object.fromEntries(["pipeline", "stage", "text", "responsible", "party", "days_in_stage"].map((name) => [name, query.get(name) ?? ""]));
  const [pages, put] = useState(/** @type {{items: any[], next: string | null} | null} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [pipelines, know] = useState(/** @type {any[]} */ ([]));
  useEffect(() => {
    get("/pipelines", { limit: 100 }).then((page) => know(page.items), () => {});
  }, []);
  const key = JSON.stringify(wanted);
  useEffect(() => {
    let here = true;
    get("/documents", { ...wanted, limit: 50 }).then(
      (page) => here && (put(page), tell(null)),
      (error) => here && tell(error),
    );
    return () => {
      here = false;
    };
  }, [key]);
  return html`<div class="page wide">
    <${PageHead} title=${t("page documents")} />
    <form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${Typed} name="text" label=${t("words")} value=${wanted.text} />
      <label>${t("pipeline")}<select class="input" value=${wanted.pipeline} onChange=${(/** @type {any} */ event) => filter({ pipeline: event.target.value, stage: "" })}>
        <option value="">${t("all")}</option>
        ${pipelines.map((one) => html`<option key=${one.pipeline} value=${one.pipeline}>${one.name || one.pipeline}</option>`)}
      </select></label>
      <${Typed} name="responsible" label=${t("responsible")} value=${wanted.responsible} />
      <${Typed} name="party" label=${t("address of a signer")} value=${wanted.party} />
      <${Typed} name="days_in_stage" type="number" label=${t("days in stage")} value=${wanted.days_in_stage} />
    </form>
    ${problem ? html`<${Failed} problem=${problem} />` : pages === null ? html`<${Loading} />` : html`<${Table} rows=${pages.items} />
      <${More} next=${pages.next} load=${async () => {
        const found = await get("/documents", { ...wanted, limit: 50, cursor: pages.next });
        put({ items: [...pages.items, ...found.items], next: found.next });
      }} />`}
  </div>`;
}

/** @param {{name: string, label: string, value: string, type?: string}} props */
function Typed({ name, label, value, type = "search" }) {
  const [text, set] = useState(value);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => filter({ [name]: text }), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return html`<label>${label}<input class="input" type=${type} min="0" value=${text} onInput=${(/** @type {any} */ event) => set(event.target.value)} /></label>`;
}

/** @param {{rows: any[]}} props */
function Table({ rows }) {
  if (!rows.length) return html`<${Empty} title=${t("no document found")} />`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("page documents")}><table>
    <thead><tr><th>${t("title")}</th><th>${t("stage")}</th><th>${t("in stage for")}</th><th class="figure">${t("amount")}</th><th>${t("responsible")}</th><th>${t("envelope")}</th></tr></thead>
    <tbody>${rows.map((one) => html`<tr key=${one.id}>
      <td><a href=${to(["documents", one.id])} dir="auto">${one.title || one.number || one.id}</a>${one.title && one.number ? html` <span class="dim">${one.number}</span>` : null}</td>
      <td>${one.stage_name}</td><td>${age(one.since)}</td><td class="figure">${money(one.amount, one.currency)}</td>
      <td>${one.responsible ?? "–"}</td><td>${one.status ? html`<${Pill}>${t(`envelope ${one.status}`)}<//>` : "–"}</td>
    </tr>`)}</tbody>
  </table></div>`;
}
