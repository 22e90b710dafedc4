// @ts-check
/** Lists that come in pages, whose first one is looked at again and again; filters that are kept in the address. */
import { useEffect, useRef, useState } from "../vendor/preact.js";
import { get } from "./api.js";
import { filter, html, t, useLive } from "./ui.js";
import { rulesOf, usePipeline, usePipelines } from "./names.js";

const EMPTY_PAGES = 5;

/** The next page that has something, or the last that was looked at: pages may be empty and go on. @param {string} path @param {any} query */
async function page(path, query) {
  let part = await get(path, query);
  for (let turn = 0; !part.items.length && part.next && turn < EMPTY_PAGES; turn++) part = await get(path, { ...query, cursor: part.next });
  return part;
}

/** A list in pages. @param {string} path @param {any} query @param {{every?: number, limit?: number, key?: string}} [how] `key` is what tells one item from another. */
export function usePages(path, query, { every = 10, limit = 25, key = "id" } = {}) {
  const asked = JSON.stringify([path, query]);
  const live = useLive(() => page(path, { ...query, limit }), [asked], every);
  const [more, add] = useState(/** @type {{asked: string, items: any[], next: string | null} | null} */ (null));
  const rest = more?.asked === asked ? more : null;
  const first = live.value.value;
  const items = first ? [...first.items, ...(rest?.items ?? []).filter((row) => !first.items.some((/** @type {any} */ other) => other[key] === row[key]))] : [];
  const next = rest ? rest.next : (first?.next ?? null);
  return {
    live,
    items,
    next,
    async load() {
      const part = await page(path, { ...query, limit: 100, cursor: next });
      add({ asked, items: [...(rest?.items ?? []), ...part.items], next: part.next });
    },
  };
}

/** Which things were settled here and are to be gone at once, and a heading that takes the focus of what has gone. */
export function useSettled() {
  const [gone, put] = useState(/** @type {string[]} */ ([]));
  const head = useRef(/** @type {HTMLElement | null} */ (null));
  const acted = useRef(false);
  useEffect(() => {
    if (!acted.current || document.activeElement?.closest("dialog")) return;
    if (document.activeElement === document.body) head.current?.focus();
    acted.current = false;
  });
  return {
    head,
    /** @param {string} key */
    has: (key) => gone.includes(key),
    /** @param {string} key */
    settle(key) {
      acted.current = true;
      put((before) => [...before, key]);
    },
  };
}

/** A filter that is chosen. @param {{name: string, label: string, value: string, choices: [string, string][], clear?: Record<string, string>}} props */
export const Chosen = ({ name, label, value, choices, clear }) =>
  html`<label>${label}<select class="input" value=${value} onChange=${(/** @type {any} */ event) => filter({ [name]: event.target.value, ...clear })}>
    ${choices.map(([id, text]) => html`<option key=${id} value=${id} selected=${id === value}>${text}</option>`)}
  </select></label>`;
/** @param {{value: string, clear?: Record<string, string>}} props */
export function ByPipeline({ value, clear }) {
  const rows = usePipelines();
  const known = rows.some((row) => row.pipeline === value) || !value;
  return html`<${Chosen} name="pipeline" label=${t("pipeline")} value=${value} clear=${clear}
    choices=${[["", t("all")], ...rows.map((pipeline) => [pipeline.pipeline, pipeline.name || pipeline.pipeline]), ...(known ? [] : [[value, value]])]} />`;
}
/** The rules of a pipeline; where none is chosen, the one of the address stays a choice. @param {{pipeline: string, value: string}} props */
export function ByRule({ pipeline, value }) {
  const rules = rulesOf(usePipeline(pipeline || null));
  const known = rules.some((/** @type {any} */ rule) => rule.id === value) || !value;
  return html`<${Chosen} name="rule" label=${t("rule")} value=${value}
    choices=${[["", pipeline ? t("all") : t("choose pipeline first")], ...rules.map((/** @type {any} */ rule) => [rule.id, rule.name]), ...(known ? [] : [[value, value]])]} />`;
}
