// @ts-check
/** What something was and what it became, as a table that can be read. */
import { html, shown, t, told } from "../../lib/ui.js";

/**
 * The places at which two values differ. @param {any} before @param {any} after
 * @returns {{place: string, kind: "added" | "removed" | "changed", before: any, after: any}[]}
 */
export function differences(before, after) {
  const was = flat(before);
  const is = flat(after);
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((place) => JSON.stringify(was.get(place)) !== JSON.stringify(is.get(place)))
    .map((place) => ({
      place,
      kind: !was.has(place) ? "added" : !is.has(place) ? "removed" : "changed",
      before: was.get(place),
      after: is.get(place),
    }));
}

/** Values by their places: `parties.company_domains`. Lists of plain values are one value. @param {any} value @returns {Map<string, any>} */
function flat(value, place = "", /** @type {Map<string, any>} */ found = new Map()) {
  const plain = value === null || typeof value !== "object" || (Array.isArray(value) && value.every((one) => one === null || typeof one !== "object"));
  if (plain) {
    if (place) found.set(place, value);
    return found;
  }
  for (const [name, one] of Object.entries(value)) flat(one, `${place}${place ? "." : ""}${Array.isArray(value) ? Number(name) + 1 : name}`, found);
  return found;
}

const MARKS = { added: "+", removed: "−", changed: "~" };

/** @param {{before: any, after: any}} props */
export function Diff({ before, after }) {
  const parts = partsOf(after);
  const rows = differences(without(before), without(after));
  return html`
    ${parts.length ? html`<ul class="changed plain">${parts.map((one, index) => html`<li key=${index}><span aria-hidden="true">${/** @type {any} */ (MARKS)[one.change] ?? "·"}</span> ${sentence(one)}${one.details?.length ? html`<br /><span class="dim">${one.details.join("; ")}</span>` : null}</li>`)}</ul>` : null}
    ${rows.length ? html`<table class="changed" aria-label=${t("audit change")}>
      <thead><tr><th>${t("audit place")}</th><th>${t("audit before")}</th><th>${t("audit after")}</th></tr></thead>
      <tbody>${rows.map((one) => html`<tr key=${one.place}>
        <th scope="row"><span aria-hidden="true">${MARKS[one.kind]}</span> ${told(`audit value ${one.place}`, one.place)}<span class="unseen">, ${t(`audit ${one.kind}`)}</span></th>
        <td class=${one.kind === "added" ? "" : "was"}>${one.kind === "added" ? html`<span class="dim">${t("audit not there")}</span>` : valueOf(one.before)}</td>
        <td class=${one.kind === "removed" ? "" : "is"}>${one.kind === "removed" ? html`<span class="dim">${t("audit gone")}</span>` : valueOf(one.after)}</td>
      </tr>`)}</tbody>
    </table>` : null}`;
}

/** A value; one that is set to nothing says so. @param {any} value */
const valueOf = (value) => (value === null ? t("audit nothing") : Array.isArray(value) && !value.length ? t("audit none") : shown(value));

/** What publishing changed, part by part. @param {any} after @returns {any[]} */
const partsOf = (after) => (Array.isArray(after?.changes) && after.changes.every((/** @type {any} */ one) => one?.change && one?.part) ? after.changes : []);
/** @param {any} value */
function without(value) {
  if (!partsOf(value).length) return value;
  const { changes, ...rest } = value;
  return rest;
}
/** @param {{change: string, part: string, id: string, stage: string | null}} one */
const sentence = (one) => t(one.stage ? "audit part in stage" : "audit part", { change: t(`audit ${one.change}`), part: told(`audit of ${one.part}`, one.part), id: one.id, stage: one.stage });
