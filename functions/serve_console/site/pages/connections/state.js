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
export const forget = (id) => (answers.value = Object.fromEntries(Object.entries(answers.peek()).filter(([name]) => name !== id)));

/** @param {any} connection */
export function stateOf(connection) {
  if (connection.waits_for_secret) return { tone: "wait", text: t("waits for secret") };
  if (silent(connection)) return { tone: "bad", text: t("silent") };
  if (!connection.last_event_at) return { tone: "plain", text: t("no event yet") };
  return { tone: "ok", text: t("receiving") };
}

/** @param {any} connection */
function silent(connection) {
  const since = Date.parse(connection.last_event_at ?? connection.created_at ?? "");
  return Boolean(connection.silent_after && Date.now() - since > connection.silent_after * DAY);
}

/** For how long nothing has come, and how long that may be. @param {any} connection */
export function silenceOf(connection) {
  const since = connection.last_event_at ?? connection.created_at;
  const limit = connection.silent_after ? t("silent after", { n: connection.silent_after }) : t("never silent");
  return since ? `${age(since)} · ${limit}` : limit;
}
