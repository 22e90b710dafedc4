// @ts-check
/** What a version changes against another one, by stage and rule, with whole values. */
import { kindTitle, partName, settingLabel, useWords } from "../../lib/labels.js";
import { Loading, Pill, html, shown, t, wordList } from "../../lib/ui.js";
import { conditionText, timeText } from "../../lib/words.js";
import { LineDiff } from "./lines.js";
import { TONES, partOf, stageName, stagesOf } from "./parts.js";

/** Texts that are longer, or have several lines, are folded. */
const LONGEST = 120;
/** Characters of them that are shown beside the fold. */
const GLIMPSE = 40;
/** Settings of triggers and rules that are told whole, as a sentence, where anything in them changes. */
const AS_SENTENCES = ["time", "condition"];
/** @typedef {import("../../lib/labels.js").Words} Words */

/** Of a new pipeline there is nothing to tell but its parts. @param {any} difference */
const isNewPipeline = (difference) => difference.part === "pipeline" && difference.change === "added";
/** How much changes: "2 rules added, 1 stage changed". @param {any[]} items */
export function summary(items) {
  const texts = ["added", "changed", "removed"].flatMap((change) => {
    const counts = new Map();
    for (const difference of items.filter((other) => other.change === change && !isNewPipeline(other))) counts.set(difference.part, (counts.get(difference.part) ?? 0) + 1);
    return counts.size ? [t(`sum ${change}`, { parts: wordList([...counts].map(([part, n]) => t(`count ${part}`, { n }))) })] : [];
  });
  return texts.join(", ") || t("nothing changes");
}

/**
 * What changes, by stage and rule.
 * @param {{items: any[], before: any, after: any}} props the contents of both sides, for the names
 */
export function Differences({ items, before, after }) {
  const words = useWords(items.map((difference) => (partOf(after, difference.part, difference.id) ?? partOf(before, difference.part, difference.id))?.kind));
  if (!items.length) return html`<p class="dim">${t("nothing changes")}</p>`;
  if (!words.ready) return html`<${Loading} />`;
  const order = [null, ...stagesOf(after).map((stage) => stage.id), ...stagesOf(before).map((stage) => stage.id)];
  const places = [...new Set([...order, ...items.map(placeOf)])];
  return html`${places.map((place) => {
    const here = items.filter((difference) => placeOf(difference) === place && !isNewPipeline(difference));
    if (!here.length) return null;
    return html`<section key=${place ?? ""}><h3>${place === null ? t("whole pipeline") : html`${t("stage")} <span dir="auto">${stageName(after, place) === place ? stageName(before, place) : stageName(after, place)}</span>`}</h3>
      ${here.map((difference) => html`<${Difference} key=${`${difference.part} ${difference.id}`} ...${{ difference, before, after, words }} />`)}</section>`;
  })}`;
}
/** @param {any} difference */
const placeOf = (difference) => (difference.part === "stage" ? difference.id : difference.stage);

/** @param {{difference: any, before: any, after: any, words: Words}} props */
function Difference({ difference, before, after, words }) {
  const [old, now] = [partOf(before, difference.part, difference.id), partOf(after, difference.part, difference.id)];
  const part = now ?? old;
  const named = ["rule", "trigger"].includes(difference.part);
  const name = named ? partName(words, part, difference.id) : difference.part === "stage" ? t("stage itself") : difference.part === "mail_template" ? difference.id : null;
  const kind = named ? kindTitle(words, part?.kind) : "";
  const values = difference.values.map((/** @type {any} */ value) => ({ ...value, path: steps(value.pointer) }));
  const asSentence = (/** @type {string[]} */ path) => named && AS_SENTENCES.includes(path[0]);
  const label = (/** @type {string[]} */ path) => settingLabel(words, difference.part, part?.kind, path);
  return html`<div class="line">
    <${Pill} tone=${/** @type {any} */ (TONES)[difference.change]}>${t(`change ${difference.change}`)}<//>
    <div>
      <p>${name ? html`<b dir="auto">${name}</b> ` : null}<span class="dim">${[difference.part === "stage" ? "" : t(`part ${difference.part}`), kind === name ? "" : kind].filter(Boolean).join(" · ")}</span></p>
      ${named && difference.change === "added" && part ? html`<${Settings} ...${{ part, words }} content=${after} sort=${difference.part} />` : null}
      ${AS_SENTENCES.filter((first) => values.some((/** @type {any} */ value) => asSentence(value.path) && value.path[0] === first)).map((first) => html`<${Changed} key=${first} name=${label([first])} old=${sentence(first, old, before)} now=${sentence(first, now, after)} />`)}
      ${values.filter((/** @type {any} */ value) => !asSentence(value.path)).map((/** @type {any} */ value) => html`<${Changed} key=${value.pointer} name=${label(value.path)} old=${valueText(value.before)} now=${valueText(value.after)} />`)}
      ${difference.rules.length ? html`<p>${t("in mails of", { rules: wordList(difference.rules.map((/** @type {string} */ id) => partName(words, partOf(after, "rule", id) ?? partOf(before, "rule", id), id))) })}</p>` : null}
      ${difference.warnings.map((/** @type {string} */ text) => html`<p class="warned" key=${text}><b>${t("mind")}</b> ${text}</p>`)}
    </div>
  </div>`;
}
/** The steps of a JSON pointer. @param {string} pointer */
const steps = (pointer) => pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
/** @param {string} name @param {any} part @param {any} content */
function sentence(name, part, content) {
  if (name === "time") return timeText(part?.time, content);
  return part?.condition ? conditionText(part.condition, content) : null;
}

/** What a trigger or rule that is new is told to do. @param {{part: any, words: Words, content: any, sort: string}} props */
function Settings({ part, words, content, sort }) {
  /** @param {any} value @param {string[]} path @returns {[string[], string][]} */
  const leaves = (value, path) => value && typeof value === "object" && !Array.isArray(value) && path.length < 3
    ? Object.entries(value).flatMap(([name, member]) => leaves(member, [...path, name]))
    : [[path, valueText(value) ?? t("is nothing")]];
  const all = ["time", "settings", "condition"].filter((name) => part[name] !== undefined && part[name] !== null).flatMap((name) => (AS_SENTENCES.includes(name) ? /** @type {[string[], string][]} */ ([[[name], sentence(name, part, content) ?? ""]]) : leaves(part[name], [name])));
  const short = all.filter(([, value]) => !isLong(value));
  const label = (/** @type {string[]} */ path) => settingLabel(words, sort, part.kind, path);
  return html`<p class="dim">${short.map(([path, value], index) => html`${index ? " · " : ""}${label(path)}: <span dir="auto">${value}</span>`)}</p>
    ${all.filter(([, value]) => isLong(value)).map(([path, value]) => html`<details class="long" key=${path.join(".")}><summary><span class="dim">${label(path)}:</span> <span dir="auto">${glimpse(value)}</span></summary><pre class="lines" dir="auto">${value}</pre></details>`)}`;
}

/** A value before and after; long texts line by line, folded. @param {{name: string, old: string | null, now: string | null}} props */
function Changed({ name, old, now }) {
  if (!isLong(old) && !isLong(now)) return html`<p class="detail"><span class="dim">${name}:</span> <${Pair} old=${old} now=${now} /></p>`;
  return html`<details class="detail long"><summary><span class="dim">${name}:</span> <${Pair} old=${old === null ? null : glimpse(old)} now=${now === null ? null : glimpse(now)} /></summary>
    <${LineDiff} old=${old ?? ""} now=${now ?? ""} label=${name} /></details>`;
}
/** @param {{old: string | null, now: string | null}} props */
const Pair = ({ old, now }) => html`${old === null ? html`<span class="dim">${t("was nothing")}</span>` : html`<del dir="auto">${old}</del>`} <span aria-hidden="true">→</span><span class="unseen">${t("becomes")}</span> ${now === null ? html`<span class="dim">${t("is nothing")}</span>` : html`<ins dir="auto">${now}</ins>`}`;

/** @param {string | null} text */
const isLong = (text) => text !== null && (text.length > LONGEST || text.trim().includes("\n"));
/** @param {string} text */
const glimpse = (text) => (text.length > GLIMPSE ? `${text.slice(0, GLIMPSE).replace(/\s+/g, " ")} …` : text.trim().replace(/\s+/g, " "));

/** A value as people read it, without the marks of JSON; null for nothing. @param {any} value @returns {string | null} */
function valueText(value) {
  if (value === null || value === undefined || value === "") return null;
  if (Array.isArray(value) && value.every((element) => typeof element !== "object")) return value.length ? value.map(String).join(", ") : null;
  if (typeof value !== "object") return shown(value);
  const text = (Array.isArray(value) ? value : Object.entries(value).map(([name, member]) => `${name} ${valueText(member) ?? ""}`.trim())).map((part) => (typeof part === "object" ? valueText(part) : String(part))).filter(Boolean).join(", ");
  return text || null;
}
