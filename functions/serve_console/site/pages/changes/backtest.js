// @ts-check
/** The back-test: the draft played with what came to real documents in the last days, against what is published. */
import { signal } from "../../vendor/preact.js";
import { call } from "../../lib/api.js";
import { partName, useWords } from "../../lib/labels.js";
import { Button, Empty, Panel, Pill, filter, html, moment, refused, route, t, to, wordList } from "../../lib/ui.js";
import { NoDraft, NotPublished, TONES, Unplayable, Withheld, draftPathOf, partOf, stageName } from "./parts.js";

const DAYS = 30;
const MOST_DAYS = 365;
const KINDS = ["move", "mail", "task", "call", "event", "sms"];
const MOST_SHOWN = 200;
/** How an effect is told. @type {Record<string, RegExp>} */
const SHAPES = {
  move: /^moved from (.*) to (.*) by [^ ]+$/s,
  mail: /^mail "(.*)" to (.*) by the rule [^ ]+$/s,
  task: /^task "(.*)" for (.*) by the rule [^ ]+$/s,
  sms: /^text message to (.*) by the rule [^ ]+$/s,
  event: /^event (.*) by the rule [^ ]+$/s,
  call: /^(.*) by the rule [^ ]+$/s,
};
/** The reasons that say no more than these words. */
const REASONS = ["another time", "another stage", "from another stage", "other recipients", "another subject", "another assignee", "another title", "another address", "another name", "another number", "another text"];
/** @param {string} reason */
function because(reason) {
  const parts = reason.split(" and ");
  if (parts.every((part) => REASONS.includes(part))) return wordList(parts.map((part) => t(`reason ${part}`)));
  const [, side, rest] = /^(as published|with the draft) (.*)$/s.exec(reason) ?? ["", "", reason];
  const none = /^there is no (rule|trigger) (\S+)$/.exec(rest);
  const what = none ? t("reason none", { what: `${t(`part ${none[1]}`)} ${none[2]}` }) : rest;
  return side ? `${t(side === "as published" ? "as published" : "with draft")} ${what}` : what;
}

/**
 * The tests that were begun, by pipeline: they go on while another view is open.
 *
 * @typedef {{days: number, draftTag: string, state: "running" | "done" | "aborted" | "failed", same: number, items: any[], published: number | null, problem: any, stop: AbortController}} Test
 * @type {Map<string, import("../../vendor/preact.js").Signal<Test | null>>}
 */
const tests = new Map();
/** @param {string} pipeline */
function testOf(pipeline) {
  const known = tests.get(pipeline) ?? signal(/** @type {Test | null} */ (null));
  tests.set(pipeline, known);
  return known;
}

/** Play page after page until all documents were played, or somebody aborts it. @param {string} pipeline @param {number} days @param {string} draftTag */
async function play(pipeline, days, draftTag) {
  const state = testOf(pipeline);
  state.peek()?.stop.abort();
  const stop = new AbortController();
  state.value = { days, draftTag, state: "running", same: 0, items: [], published: null, problem: null, stop };
  /** @param {Partial<Test>} change */
  const tell = (change) => {
    const now = state.peek();
    if (now?.stop === stop) state.value = { ...now, ...change };
  };
  try {
    for (let cursor = null; ; ) {
      const { value } = await call("POST", `${draftPathOf(pipeline)}/backtest`, { body: { days, limit: 25, cursor }, key: crypto.randomUUID(), signal: stop.signal });
      const now = /** @type {Test} */ (state.peek());
      if (now.stop !== stop || stop.signal.aborted) return;
      tell({ same: now.same + value.same, items: [...now.items, ...value.items], published: value.published });
      if (!value.next) return tell({ state: "done" });
      cursor = value.next;
    }
  } catch (problem) {
    tell(stop.signal.aborted ? { state: "aborted" } : { state: "failed", problem });
  }
}

/** @param {{context: any}} props */
export default function BackTest({ context }) {
  if (!context.draft && !testOf(context.pipeline).value) return html`<${NoDraft} context=${context} about=${t("no draft to test")} />`;
  if (!context.head) return html`<${NotPublished} context=${context} />`;
  if (refused("operator")) return html`<${Withheld} role="operator" />`;
  return html`<${OfDraft} context=${context} />`;
}

/** @param {{context: any}} props */
function OfDraft({ context }) {
  const { pipeline, draft, draftTag } = context;
  const { query } = route.value;
  const test = testOf(pipeline).value;
  const days = query.get("days") ?? String(test?.days ?? DAYS);
  const wrong = !(Number.isInteger(Number(days)) && Number(days) >= 1 && Number(days) <= MOST_DAYS);
  const running = test?.state === "running";
  return html`
    <${Panel} title=${t("tab backtest")}>
      <p class="prose">${t("backtest about")}</p>
      <form class="row" onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        if (!wrong && !running && draft) play(pipeline, Number(days), draftTag);
      }}>
        <label class="row">${t("last days")} <input class="input days" type="number" min="1" max=${MOST_DAYS} required value=${days} aria-invalid=${wrong ? "true" : undefined} onInput=${(/** @type {any} */ event) => filter({ days: event.target.value })} /></label>
        <button class=${`button ${running ? "" : "main"}`} aria-disabled=${running || !draft ? "true" : undefined}>${running ? t("playing") : test ? t("play again") : t("play")}</button>
        ${running ? html`<${Button} danger onClick=${() => {
          test.stop.abort();
          testOf(pipeline).value = { ...test, state: "aborted" };
        }}>${t("abort")}<//>` : null}
      </form>
    <//>
    ${test ? html`<${Outcome} test=${test} context=${context} />` : null}`;
}

/** How far it is, what it has found, and for which documents. @param {{test: Test, context: any}} props */
function Outcome({ test, context }) {
  const { query } = route.value;
  const kind = query.get("kind") ?? "";
  const unfit = test.items.filter((item) => item.unfit !== null);
  const otherwise = test.items.filter((item) => item.unfit === null);
  const all = test.items.length + test.same;
  const shown = test.items.filter((item) => !kind || item.differences.some((/** @type {any} */ other) => other.kind === kind));
  return html`<${Panel} title=${t(`test ${test.state}`)}>
    <div role="status">
      <p>${test.state === "running" ? html`<progress aria-label=${t("playing")}></progress> ` : null}<b>${t("documents so far", { n: all })}</b>: ${t("the same", { n: test.same })}, ${t("otherwise", { n: otherwise.length })}${unfit.length ? `, ${t("unfit", { n: unfit.length })}` : ""}. ${test.published ? t("against version", { number: String(test.published) }) : ""}</p>
      ${test.state === "done" && !all ? html`<p>${t("nobody active", { n: test.days })}</p>` : null}
    </div>
    ${test.problem ? html`<${Unplayable} problem=${test.problem} draft=${context.draft} again=${() => play(context.pipeline, test.days, context.draftTag)} />` : null}
    ${context.draftTag !== test.draftTag ? html`<p class="warned" role="status">${t("draft since test")}</p>` : null}
    <${Totals} items=${otherwise} context=${context} />
    ${test.items.length ? html`<div class="row" role="group" aria-label=${t("show only")}>${["", ...KINDS.filter((shownKind) => test.items.some((item) => item.differences.some((/** @type {any} */ other) => other.kind === shownKind)))].map((shownKind) => html`<${Button} key=${shownKind} quiet aria-pressed=${String(kind === shownKind)} onClick=${() => filter({ kind: shownKind })}>${shownKind ? t(`effects ${shownKind}`) : t("all")}<//>`)}</div>` : null}
    ${test.state === "done" && all && !test.items.length ? html`<${Empty} title=${t("all the same")} />` : null}
    ${shown.slice(0, MOST_SHOWN).map((item) => html`<${Played} key=${item.document} ...${{ item, kind, context }} />`)}
    ${shown.length > MOST_SHOWN ? html`<p class="dim">${t("further", { n: shown.length - MOST_SHOWN })}</p>` : null}
  <//>`;
}

/** By rule and trigger: how much more, less or otherwise. @param {{items: any[], context: any}} props */
function Totals({ items, context }) {
  const words = useWords([]);
  const totals = new Map();
  for (const item of items) {
    for (const difference of item.differences) {
      const key = `${difference.kind} ${difference.by} ${difference.change}`;
      const total = totals.get(key) ?? { ...difference, n: 0, documents: new Set() };
      total.n++;
      total.documents.add(item.document);
      totals.set(key, total);
    }
  }
  if (!totals.size) return null;
  return html`<ul class="totals">${[...totals].map(([key, total]) => html`<li key=${key}>${t(`total ${total.change}`, { what: t(`counted ${total.kind}`, { n: total.n }), by: whose(words, context, total.by), documents: t("documents", { n: total.documents.size }) })}</li>`)}</ul>`;
}

/** Who does it: a rule, a trigger, a user. @param {import("../../lib/labels.js").Words} words @param {any} context @param {string} by */
function whose(words, { head, draft }, by) {
  const [sort, id] = by.includes(":") ? by.split(":") : ["rule", by];
  const part = partOf(draft?.content, sort, id) ?? partOf(head?.content, sort, id);
  return part ? `${t(`part ${sort}`)} ${partName(words, part, id)}` : by;
}

/** One document: what would have gone otherwise, and why. @param {{item: any, kind: string, context: any}} props */
function Played({ item, kind, context }) {
  const words = useWords([]);
  const { head, draft } = context;
  /** @param {string | null} id */
  const stage = (id) => (stageName(draft?.content, id) === id ? stageName(head?.content, id) : stageName(draft?.content, id));
  return html`<section class="played" aria-label=${item.title || item.document}>
    <h3><a href=${to(["documents", item.document])} dir="auto">${item.title || item.document}</a></h3>
    ${item.unfit ? html`<p class="warned"><b>${t("does not fit")}</b> ${item.unfit}</p>` : null}
    ${item.stage_draft !== item.stage_published && item.unfit === null ? html`<p><b>${t("ends in", { stage: stage(item.stage_draft), instead: stage(item.stage_published) })}</b></p>` : null}
    ${item.differences.filter((/** @type {any} */ other) => !kind || other.kind === kind).map((/** @type {any} */ other, /** @type {number} */ index) => html`<div class="line" key=${index}>
      <${Pill} tone=${/** @type {any} */ (TONES)[other.change]}>${t(`effect ${other.change}`)}<//>
      <div><p><b>${t(`effects one ${other.kind}`)}</b> · ${whose(words, context, other.by)} · <time datetime=${other.at}>${moment(other.at)}</time></p>
        ${other.published ? html`<p><span class="dim">${t("as published")}</span> <span dir="auto">${inWords(other.kind, other.published)}</span></p>` : null}
        ${other.draft ? html`<p><span class="dim">${t("with draft")}</span> <span dir="auto">${inWords(other.kind, other.draft)}</span></p>` : null}
        <p class="dim">${because(other.reason)}</p></div>
    </div>`)}
    ${item.notes.length ? html`<p class="dim">${t("not exactly", { notes: wordList(item.notes) })}</p>` : null}
  </section>`;
}
/** What happened, without what stands beside it already. @param {string} kind @param {string} text */
function inWords(kind, text) {
  const [, rest] = /^\d{4}-\d\d-\d\d \d\d:\d\d: (.*)$/s.exec(text) ?? ["", text];
  const shape = SHAPES[kind]?.exec(rest);
  return shape ? t(`told ${kind}`, { one: shape[1], other: shape[2] }) : rest;
}
