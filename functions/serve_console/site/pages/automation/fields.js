// @ts-check
/** The fields of documents, and the users, groups and senders that a pipeline knows. */

export { datesOf, fieldOf, fieldsOf, writableOf } from "../../lib/vocabulary.js";

/** Users that the pipeline knows: of its groups and supervisors. @param {any} content @returns {string[]} */
export function usersOf(content) {
  const groups = Object.values(content?.groups ?? {}).flat();
  const chiefs = Object.entries(content?.supervisors ?? {}).flat();
  return [...new Set([...groups, ...chiefs].filter((name) => typeof name === "string"))].sort();
}
/** @param {any} content @returns {string[]} */
export const groupsOf = (content) => Object.keys(content?.groups ?? {});
/** Addresses that mails may come from. @param {any} content @returns {string[]} */
export const sendersOf = (content) => (Array.isArray(content?.senders) ? content.senders.filter((/** @type {any} */ sender) => typeof sender === "string") : []);
