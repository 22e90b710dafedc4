// @ts-check
/**
 * Pictures of numbers: bars and columns as small SVGs, each with a sentence and a table behind it.
 *
 * Labels are text beside the picture, so that they wrap and stay as large as all text. Colours come
 * from the tokens by class; what a colour says is said by a place, a shape or a word as well.
 */
import { Panel, dayOf, html, locale, number, t } from "./ui.js";

/** A share, such as 0.25. @param {number | null} value */
export const share = (value) =>
  value === null ? "–" : new Intl.NumberFormat(locale(), { style: "percent", ...(value > 0 && value < 0.1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 0 }) }).format(value);

/** How long ago something was, in the largest unit that fits. @param {string} at */
export function ago(at) {
  const seconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000);
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? UNITS[3];
  return new Intl.RelativeTimeFormat(locale()).format(-Math.floor(seconds / size), /** @type {Intl.RelativeTimeFormatUnit} */ (unit));
}
const UNITS = /** @type {[string, number][]} */ ([["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]]);
/** How long something took, to the tenth of the largest unit that fits, a second at least. @param {number | null} given */
export function lasting(given) {
  if (given === null) return "–";
  const seconds = Math.max(1, given);
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? UNITS[3];
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: unit === "second" ? 0 : 1 }).format(seconds / size);
}

/**
 * A panel of a picture: its title, the sentence that sums it up, the picture, and the table behind it.
 *
 * @param {{title: string, sentence: any, columns: string[], rows: any[][], children?: any}} props
 */
export function Picture({ title, sentence, columns, rows, children }) {
  return html`<${Panel} title=${title}>
    <p class="sum">${sentence}</p>
    ${children ? html`<div class="picture">${children}</div>` : null}
    ${rows.length ? html`<details class="behind"><summary>${t("chart table")}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label=${t("chart table of", { title })}><table>
        <thead><tr>${columns.map((column, index) => html`<th key=${column} scope="col" class=${index ? "figure" : ""}>${column}</th>`)}</tr></thead>
        <tbody>${rows.map((row) => html`<tr key=${row[0]}>${row.map((value, index) =>
          index ? html`<td class="figure">${typeof value === "number" ? number(value) : value}</td>` : html`<th scope="row">${value}</th>`)}</tr>`)}</tbody>
      </table></div>
    </details>` : null}
  <//>`;
}

/**
 * Bars, one below the other; `mark` is a second value of the same scale, drawn as a line.
 *
 * @param {{rows: {label: any, value: number | null, mark?: number | null, text: any, tone?: string}[], most?: number}} props
 */
export function Bars({ rows, most }) {
  const top = most ?? Math.max(1, ...rows.flatMap((row) => [row.value ?? 0, row.mark ?? 0]));
  const x = (/** @type {number} */ value) => (100 * Math.min(value, top)) / top;
  return html`<ul class="bars">${rows.map((row, index) => html`<li key=${index}>
    <span class="of" dir="auto">${row.label}</span>
    <svg class=${row.tone ?? ""} viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <rect class="ground" width="100" height="10" />
      ${row.value ? html`<rect class="bar" width=${Math.max(0.6, x(row.value))} height="10" />` : null}
      ${row.mark ? html`<line class="mark" x1=${x(row.mark)} x2=${x(row.mark)} y1="0" y2="10" />` : null}
    </svg>
    <span class="told">${row.text}</span>
  </li>`)}</ul>`;
}

const MOST_COLUMNS = 62;

/** Days, or weeks where there are too many to see. @template T @param {T[]} days @returns {T[][]} */
export function grouped(days) {
  const each = days.length > MOST_COLUMNS ? 7 : 1;
  return Array.from({ length: Math.ceil(days.length / each) }, (_, index) => days.slice(index * each, (index + 1) * each));
}

/**
 * Columns over time: one or two series, the first filled, the second hollow.
 *
 * @param {{groups: {day: string}[][], series: {name: string, tone?: string, of: (day: any) => number}[]}} props
 */
export function Columns({ groups, series }) {
  const sums = groups.map((days) => series.map((line) => days.reduce((sum, day) => sum + line.of(day), 0)));
  const top = Math.max(1, ...sums.flat());
  const width = 8 / series.length;
  const first = groups[0]?.[0]?.day;
  const last = groups.at(-1)?.at(-1)?.day;
  return html`<div class="columns">
    <p class="legend">${series.map((line, index) => html`<span key=${line.name}><svg class=${line.tone ?? ""} width="12" height="12" aria-hidden="true"><rect class=${index ? "bar second" : "bar"} x="0.5" y="0.5" width="11" height="11" /></svg> ${line.name}</span>`)}<span class="grow"></span><span>${t("chart top", { n: top })}</span></p>
    <svg class="plot" viewBox=${`0 0 ${10 * groups.length} 100`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <line class="ground" x1="0" x2=${10 * groups.length} y1="0.5" y2="0.5" />
      ${sums.map((values, index) => values.map((value, which) => value ? html`<g class=${series[which].tone ?? ""} key=${`${index} ${which}`}>
        <title>${named(groups[index])}: ${series[which].name} ${number(value)}</title>
        <rect class=${which ? "bar second" : "bar"} x=${10 * index + 1 + width * which} y=${100 - (98 * value) / top} width=${width} height=${(98 * value) / top} />
      </g>` : null))}
      <line class="base" x1="0" x2=${10 * groups.length} y1="99.5" y2="99.5" />
    </svg>
    <p class="legend"><span>${first ? dayOf(first) : ""}</span><span class="grow"></span><span>${last ? dayOf(last) : ""}</span></p>
  </div>`;
}

/** What a column is called: its day, or the days it reaches over. @param {{day: string}[]} days */
export const named = (days) => (days.length === 1 ? dayOf(days[0].day) : `${dayOf(days[0].day)} – ${dayOf(days[days.length - 1].day)}`);
