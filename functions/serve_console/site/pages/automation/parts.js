// @ts-check
/** What the catalogue says of the pipeline's own settings and of its parts: loaded once, when they are first edited. */
import { signal } from "../../vendor/preact.js";
import { get } from "../../lib/api.js";

const NAMES = ["pipeline", "field", "calendar", "mail_signature", "mail_template", "daily_report", "retention", "kept_for"];

/** The settings of each part, in the order of the form; null until they are there. */
export const parts = signal(/** @type {Record<string, any[]> | null} */ (null));
/** @type {Promise<void> | null} */
let loading = null;

export function learnParts() {
  loading ??= Promise.all(NAMES.map((name) => get(`/catalogue/parts/${name}`))).then(
    (answers) => {
      parts.value = Object.fromEntries(answers.map((part) => [part.part, part.settings]));
    },
    (error) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

/** One setting of a part. @param {string} part @param {string} name */
export const settingOf = (part, name) => parts.value?.[part].find((setting) => setting.name === name);
