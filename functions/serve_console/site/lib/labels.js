// @ts-check
/** What kinds, triggers, rules and their settings are called, by the API's catalogue. */
import { useEffect, useState } from "../vendor/preact.js";
import { get } from "./api.js";
import { textOr, translated } from "./ui.js";
import { learnVocabulary } from "./vocabulary.js";

const PARTS = ["trigger", "rule", "time", "duration"];

/** @type {Map<string, Promise<any>>} */
const asked = new Map();
/** What does not change while the page is open. @param {string} path */
function once(path) {
  if (!asked.has(path)) {
    const answer = get(path);
    asked.set(path, answer);
    answer.catch(() => asked.delete(path));
  }
  return /** @type {Promise<any>} */ (asked.get(path));
}

/** The words of all kinds, and of the settings of those given, as far as they are there; `ready` once they are, or cannot be had. @param {string[]} kinds */
export function useWords(kinds) {
  const [words, know] = useState({ kinds: /** @type {any[]} */ ([]), settings: /** @type {Record<string, any[]>} */ ({}), ready: false });
  const wanted = [...new Set(kinds.filter(Boolean))].sort();
  useEffect(() => {
    let here = true;
    Promise.all([
      once("/catalogue/kinds").then((page) => page.items),
      Promise.all(PARTS.map((name) => once(`/catalogue/parts/${name}`).then((part) => [name, part.settings]))),
      Promise.all(wanted.map((name) => once(`/catalogue/kinds/${encodeURIComponent(name)}`).then((kind) => [`kind ${name}`, kind.settings], () => [`kind ${name}`, []]))),
      learnVocabulary(),
    ]).then(([all, general, own]) => here && know({ kinds: all, settings: Object.fromEntries([...general, ...own]), ready: true }), () => here && know((before) => ({ ...before, ready: true })));
    return () => {
      here = false;
    };
  }, [wanted.join()]);
  return words;
}
/** @typedef {ReturnType<typeof useWords>} Words */

/** The title of a kind. @param {Words} words @param {string} kind */
export const kindTitle = (words, kind) => translated(words.kinds.find((row) => row.kind === kind)?.title) || kind || "";
/** What people call a trigger or rule. @param {Words} words @param {any} part @param {string} id */
export const partName = (words, part, id) => part?.name || kindTitle(words, part?.kind) || id;

/**
 * What the place of a value in a part is called: "After › Days" for `["time", "after", "days"]`.
 * @param {Words} words @param {string} part "rule", "trigger", or another part of a pipeline. @param {string} kind @param {string[]} path
 */
export function settingLabel(words, part, kind, [first, ...rest]) {
  /** @param {string} where @param {string} name */
  const word = (where, name) => translated((words.settings[where] ?? []).find((/** @type {any} */ setting) => setting.name === name)?.label) || textOr(`setting ${name}`, name);
  if (part !== "rule" && part !== "trigger") return [first, ...rest].map((segment) => textOr(`setting ${segment}`, segment)).join(" › ");
  if (first === "settings" && rest.length) return [word(`kind ${kind}`, rest[0]), ...rest.slice(1).map((segment) => word("duration", segment))].join(" › ");
  if (first === "time") return [word(part, first), ...rest.slice(0, 1).map((segment) => word("time", segment)), ...rest.slice(1).map((segment) => word("duration", segment))].join(" › ");
  return [word(part, first), ...rest].join(" › ");
}
