// @ts-check
/** Public holidays: the countries and regions whose holidays are days off. */
import { useState } from "../../vendor/preact.js";
import { get } from "../../lib/api.js";
import { Field, Shown, html, lang, locale, t, textOr, useLive } from "../../lib/ui.js";
import { focusOn } from "./lists.js";

/** @param {string} country */
function countryName(country) {
  try {
    return new Intl.DisplayNames(lang(), { type: "region" }).of(country) ?? country;
  } catch {
    return country;
  }
}
/** What a calendar names, in words: "Germany, Bavaria (catholic)". @param {string} region */
export function regionText(region) {
  const [place, category] = region.split(":");
  const country = place.split("-")[0];
  const part = place === country ? "" : textOr(`ed.region ${place}`, place.slice(country.length + 1));
  return [countryName(country), part && `, ${part}`, category && ` (${category.replaceAll("+", ", ")})`].filter(Boolean).join("");
}

/** @param {import("./part_form.js").Props} props */
export function Holidays({ value, change, label, around, rest }) {
  const chosen = value === undefined || value === null ? [] : [value].flat().map(String);
  const put = (/** @type {string[]} */ next) => change(next.length > 1 ? next : next[0]);
  return html`${chosen.length ? html`<ul class="chips">${chosen.map((region, n) => html`<li key=${region}><span>${regionText(region)}</span>
      <button type="button" aria-label=${t("ed.remove it", { what: regionText(region) })} title=${t("ed.remove it", { what: regionText(region) })} onClick=${() => {
        put(chosen.filter((_, other) => other !== n));
        focusOn(rest.id);
      }}>×</button></li>`)}</ul>` : null}
    <${Add} id=${rest.id} label=${label} content=${around.content} add=${(/** @type {string} */ region) => chosen.includes(region) || put([...chosen, region])} />`;
}

/** @param {{id: string, label: string, content: any, add: (region: string) => void}} props */
function Add({ id, label, content, add }) {
  const [open, show] = useState(false);
  if (!open) return html`<p><button type="button" class="button" id=${id} aria-label=${t("ed.add to", { label })} onClick=${() => show(true)}>${t("ed.add one")}</button></p>`;
  return html`<${Regions} label=${label} content=${content} close=${() => {
    show(false);
    focusOn(id);
  }} add=${add} />`;
}

/** @param {{label: string, content: any, add: (region: string) => void, close: () => void}} props */
function Regions({ label, content, add, close }) {
  const live = useLive(() => get("/catalogue/holiday-regions"), [], 0);
  const [country, choose] = useState(String(content.country || locale().split("-")[1] || "DE"));
  const [region, narrow] = useState("");
  const [category, besides] = useState("");
  return html`<${Shown} live=${live}>${(/** @type {any} */ page) => {
    const rows = page.items.map((/** @type {any} */ row) => ({ ...row, name: countryName(row.country) })).sort((/** @type {any} */ a, /** @type {any} */ b) => a.name.localeCompare(b.name, lang()));
    const regions = rows.find((/** @type {any} */ row) => row.country === country)?.regions ?? [];
    const named = regions.map((/** @type {string} */ code) => ({ value: code, name: textOr(`ed.region ${code}`, code.slice(country.length + 1)) })).sort((/** @type {any} */ a, /** @type {any} */ b) => a.name.localeCompare(b.name, lang()));
    return html`<div class="boxed" role="group" aria-label=${t("ed.add to", { label })}>
      <${Field} label=${t("ed.country")}>${(/** @type {any} */ rest) => html`<select class="input" value=${country} ref=${focused} ...${rest} onChange=${(/** @type {any} */ event) => {
        choose(event.target.value);
        narrow("");
      }}>${rows.map((/** @type {any} */ row) => html`<option key=${row.country} value=${row.country}>${row.name}</option>`)}</select>`}<//>
      ${named.length ? html`<${Field} label=${t("ed.region")}>${(/** @type {any} */ rest) => html`<select class="input" value=${region} ...${rest} onChange=${(/** @type {any} */ event) => narrow(event.target.value)}>
        <option value="">${t("ed.whole country")}</option>${named.map((/** @type {any} */ choice) => html`<option key=${choice.value} value=${choice.value}>${choice.name}</option>`)}</select>`}<//>` : null}
      <${Field} label=${t("ed.holiday category")}>${(/** @type {any} */ rest) => html`<input class="input" placeholder="catholic" value=${category} onInput=${(/** @type {any} */ event) => besides(event.target.value.trim())} ...${rest} />`}<//>
      <p class="row"><button type="button" class="button" onClick=${() => {
        add((region || country) + (category ? `:${category}` : ""));
        close();
      }}>${t("add")}</button><button type="button" class="button quiet" onClick=${close}>${t("cancel")}</button></p>
    </div>`;
  }}<//>`;
}
/** @param {any} own */
const focused = (own) => own && !own.dataset.seen && ((own.dataset.seen = "1"), own.focus());
