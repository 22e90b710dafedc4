// @ts-check
/** The difference of two texts, line by line (Myers): what is the same, gone and new, with little around it. */
import { html, t } from "../../lib/ui.js";

const AROUND = 3;
/** Further apart than this, the texts are shown as one gone and one new. */
const MOST_APART = 1000;

/** @typedef {{sort: "same" | "gone" | "new", text: string}} Line */

/** @param {string} old @param {string} now @returns {Line[]} */
export function lines(old, now) {
  const a = old.split("\n");
  const b = now.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (/** @type {string} */ text) => /** @type {Line} */ ({ sort: "same", text });
  return [...a.slice(0, start).map(same), ...shortest(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...a.slice(a.length - end).map(same)];
}

/** @param {string[]} a @param {string[]} b @returns {Line[]} */
function shortest(a, b) {
  const most = Math.min(a.length + b.length, MOST_APART);
  const reach = new Map([[1, 0]]);
  /** @type {Map<number, number>[]} */
  const trace = [];
  for (let d = 0; d <= most; d++) {
    trace.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let x = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) x++, y++;
      reach.set(k, x);
      if (x >= a.length && y >= b.length) return traced(a, b, trace);
    }
  }
  return [...a.map((text) => /** @type {Line} */ ({ sort: "gone", text })), ...b.map((text) => /** @type {Line} */ ({ sort: "new", text }))];
}

/** @param {string[]} a @param {string[]} b @param {Map<number, number>[]} trace @returns {Line[]} */
function traced(a, b, trace) {
  /** @type {Line[]} */
  const merged = [];
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d];
    const k = x - y;
    const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    const from = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0);
    const fromY = from - (down ? k + 1 : k - 1);
    while (x > from && y > fromY && x > 0 && y > 0) merged.push({ sort: "same", text: a[--x] }), y--;
    if (d === 0) break;
    if (down) merged.push({ sort: "new", text: b[--y] });
    else merged.push({ sort: "gone", text: a[--x] });
  }
  return merged.reverse();
}

const MARKS = { same: " ", gone: "−", new: "+" };
const TAGS = { same: "span", gone: "del", new: "ins" };

/** Both texts in one, changed lines with a few around them. @param {{old: string, now: string, label: string}} props */
export function LineDiff({ old, now, label }) {
  const all = lines(old, now);
  const near = all.map((_, index) => all.slice(Math.max(0, index - AROUND), index + AROUND + 1).some((line) => line.sort !== "same"));
  for (let index = 1; index < near.length - 2; index++) {
    if (!near[index] && near[index - 1] && (near[index + 1] || near[index + 2])) near[index] = true;
  }
  if (!near.some(Boolean)) return html`<p class="dim">${t("same text")}</p>`;
  const rows = [];
  for (let index = 0; index < all.length; index++) {
    if (near[index]) {
      const { sort, text } = all[index];
      rows.push(html`<${TAGS[sort]} key=${index} class=${`text ${sort}`}><span class="unseen">${sort === "same" ? "" : t(`line ${sort}`)}</span><i aria-hidden="true">${MARKS[sort]}</i>${text || " "}${"\n"}<//>`);
    } else if (index === 0 || near[index - 1]) {
      const length = near.indexOf(true, index) < 0 ? all.length - index : near.indexOf(true, index) - index;
      rows.push(html`<span key=${index} class="text dim">${t("lines alike", { n: length })}${"\n"}</span>`);
    }
  }
  return html`<pre class="lines" tabindex="0" role="region" aria-label=${label}>${rows}</pre>`;
}
