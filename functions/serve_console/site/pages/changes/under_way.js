// @ts-check
/** Waiting runs that were planned with earlier versions: they stay there, or move to what is published. */
import { get, post } from "../../lib/api.js";
import { useState } from "../../vendor/preact.js";
import { Button, FormDialog, Panel, Shown, html, moment, say, t, to, useLive, wordList } from "../../lib/ui.js";
import { partName, partOf, pathOf, titlesOf, useWords } from "./parts.js";

const MOST_SHOWN = 200;
const DUE = /now due (\d{4}-\d\d-\d\d)[ T](\S+)/;

/** What becomes of a run: it goes on, at another time, or its rule is gone. @param {any} one */
function fate(one) {
  if (!one.text.startsWith("goes on")) return "cancelled";
  return one.text.includes("now due") ? "moved" : "goes";
}
/** The ids in a run's key, `document.entry.rule` or `document.entry.rule.repeat`. @param {string} key */
function named(key) {
  const [document, , rule] = key.split(".");
  return { document, rule };
}

/** @param {{pipeline: string, head: any}} props */
export function UnderWay({ pipeline, head }) {
  const live = useLive(() => get(`${pathOf(pipeline)}/migrate-runs`), [pipeline, head.version], 0);
  const [asking, ask] = useState(false);
  const [titles, know] = useState(/** @type {Map<string, string> | null} */ (null));
  const number = String(head.version);
  const items = live.value.value?.items ?? [];
  return html`<${Panel} title=${t("under way")} actions=${items.length ? html`<${Button} role="administrator" onClick=${() => ask(true)}>${t("move runs", { n: items.length, number })}<//>` : null}>
    <${Shown} live=${live}>${() => items.length ? html`<p>${t("under way elsewhere", { n: items.length, number })}</p><p>${fates(items)}</p>
      <details onToggle=${(/** @type {any} */ event) => event.target.open && !titles && titlesOf(pipeline).then((found) => know(found.titles), () => {})}><summary>${t("each run")}</summary><${Runs} items=${items} content=${head.content} titles=${titles} /></details>` : html`<p class="dim">${t("under way none", { number })}</p>`}<//>
    ${asking ? html`<${FormDialog} title=${t("move runs", { n: items.length, number })} action=${t("move runs", { n: items.length, number })} close=${() => ask(false)} submit=${async () => {
      const moved = await post(`${pathOf(pipeline)}/migrate-runs`);
      say(t("runs moved", { n: moved.items.length }));
      live.again();
    }}><p>${fates(items)}</p><p>${t("move runs about")}</p><//>` : null}
  <//>`;
}

/** How many go on, at another time, or not at all. @param {any[]} items */
function fates(items) {
  const texts = ["goes", "moved", "cancelled"].map((one) => ({ one, n: items.filter((item) => fate(item) === one).length })).filter(({ n }) => n);
  return `${wordList(texts.map(({ one, n }) => t(`fates ${one}`, { n })))}.`;
}

/** @param {{items: any[], content: any, titles: Map<string, string> | null}} props */
function Runs({ items, content, titles }) {
  const words = useWords([]);
  return html`<ul class="plain">${items.slice(0, MOST_SHOWN).map((one) => {
    const { document, rule } = named(one.run);
    const due = DUE.exec(one.text);
    return html`<li key=${one.run}><b dir="auto">${partName(words, partOf(content, "rule", rule), rule)}</b> · <a href=${to(["documents", document])} dir="auto">${titles?.get(document) ?? document}</a>: ${fate(one) === "moved" && due ? t("fate moved at", { at: moment(`${due[1]}T${due[2]}`) }) : t(`fate ${fate(one)}`)}</li>`;
  })}</ul>${items.length > MOST_SHOWN ? html`<p class="dim">${t("further", { n: items.length - MOST_SHOWN })}</p>` : null}`;
}
