// @ts-check
/** How a connection is, in a word; and what only its last answer told: the address and a secret made here. */
import { signal } from "../../vendor/preact.js";
import { age, t } from "../../lib/ui.js";

const DAY = 86_400_000;

/** What the API answered when connections were made or changed in this tab, by id. */
export const answers = signal(/** @type {Record<string, any>} */ ({}));
/** @param {any} connected */
export const keep = (connected) => {
  const before = answers.peek()[connected.connection];
  answers.value = { ...answers.peek(), [connected.connection]: { ...connected, secret: connected.secret ?? before?.secret ?? null } };
  return connected;
};
/** @param {string} id */
export const forget = (id) => (answers.value = Object.fromEntries(Object.entries(answers.peek()).filter(([one]) => one !== id)));

/** @param {any} one */
export function stateOf(one) {
  if (one.waits_for_secret) return { tone: "wait", text: t("waits for secret") };
  if (silent(one)) return { tone: "bad", text: t("silent") };
  if (!one.last_event_at) return { tone: "plain", text: t("no event yet") };
  return { tone: "ok", text: t("receiving") };
}

/** @param {any} one */
function silent(one) {
  const since = Date.parse(one.last_event_at ?? one.created_at ?? "");
  return Boolean(one.silent_after && Date.now() - since > one.silent_after * DAY);
}

/** For how long nothing has come, and how long that may be. @param {any} one */
export function silenceOf(one) {
  const since = one.last_event_at ?? one.created_at;
  const limit = one.silent_after ? t("silent after", { n: one.silent_after }) : t("never silent");
  return since ? `${age(since)} · ${limit}` : limit;
}
