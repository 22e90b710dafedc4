// @ts-check
/** What something was and what it became, as a table that can be read. */
import { html, shown, t, textOr } from "../../lib/ui.js";

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
function flat(value, place = "", /** @type {Map<string, any>} */ byPath = new Map()) {
  const plain = value === null || typeof value !== "object" || (Array.isArray(value) && value.every((element) => element === null || typeof element !== "object"));
  if (plain) {
    if (place) byPath.set(place, value);
    return byPath;
  }
  for (const [name, member] of Object.entries(value)) flat(member, `${place}${place ? "." : ""}${Array.isArray(value) ? Number(name) + 1 : name}`, byPath);
  return byPath;
}

const MARKS = { added: "+", removed: "−", changed: "~" };

/** @param {{before: any, after: any}} props */
export function Diff({ before, after }) {
  const parts = partsOf(after);
  const rows = differences(without(before), without(after));
  return html`
    ${parts.length ? html`<ul class="changed plain">${parts.map((part, index) => html`<li key=${index}><span aria-hidden="true">${/** @type {any} */ (MARKS)[part.change] ?? "·"}</span> ${sentence(part)}${part.details?.length ? html`<br /><span class="dim">${part.details.join("; ")}</span>` : null}</li>`)}</ul>` : null}
    ${rows.length ? html`<table class="changed" aria-label=${t("audit change")}>
      <thead><tr><th>${t("audit place")}</th><th>${t("audit before")}</th><th>${t("audit after")}</th></tr></thead>
      <tbody>${rows.map((row) => html`<tr key=${row.place}>
        <th scope="row"><span aria-hidden="true">${MARKS[row.kind]}</span> ${textOr(`audit value ${row.place}`, row.place)}<span class="unseen">, ${t(`audit ${row.kind}`)}</span></th>
        <td class=${row.kind === "added" ? "" : "was"}>${row.kind === "added" ? html`<span class="dim">${t("audit not there")}</span>` : valueOf(row.before)}</td>
        <td class=${row.kind === "removed" ? "" : "is"}>${row.kind === "removed" ? html`<span class="dim">${t("audit gone")}</span>` : valueOf(row.after)}</td>
      </tr>`)}</tbody>
    </table>` : null}`;
}

/** A value; one that is set to nothing says so. @param {any} value */
const valueOf = (value) => (value === null ? t("audit nothing") : Array.isArray(value) && !value.length ? t("audit none") : shown(value));

/** What publishing changed, part by part. @param {any} after @returns {any[]} */
const partsOf = (after) => (Array.isArray(after?.changes) && after.changes.every((/** @type {any} */ change) => change?.change && change?.part) ? after.changes : []);
/** @param {any} value */
function without(value) {
  if (!partsOf(value).length) return value;
  const { changes, ...rest } = value;
  return rest;
}
/** @param {{change: string, part: string, id: string, stage: string | null}} change */
const sentence = (change) => t(change.stage ? "audit part in stage" : "audit part", { change: t(`audit ${change.change}`), part: textOr(`audit of ${change.part}`, change.part), id: change.id, stage: change.stage });
