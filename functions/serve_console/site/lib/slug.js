// @ts-check

const LETTERS = /** @type {Record<string, string>} */ ({ ä: "ae", ö: "oe", ü: "ue", ß: "ss" });
/** An id of a name: small letters, digits and hyphens, 50 at most; nothing of what has none. @param {string} name */
export const slug = (name) =>
  name.toLowerCase().replace(/[äöüß]/g, (letter) => LETTERS[letter]).normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9_]+/g, "-").replace(/^[-_]+|-+$/g, "").slice(0, 50);
