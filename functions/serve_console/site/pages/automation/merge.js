// @ts-check
/** Two versions that began with the same: made one, where they changed different things. */

const CLASH = Symbol("both changed it");
export const same = (/** @type {any} */ a, /** @type {any} */ b) => JSON.stringify(a) === JSON.stringify(b);
const mapping = (/** @type {any} */ value) => value !== null && typeof value === "object" && !Array.isArray(value);
const named = (/** @type {any} */ value) => Array.isArray(value) && value.every((item) => mapping(item) && typeof item.id === "string") && new Set(value.map((item) => item.id)).size === value.length;

/** Both versions' changes; null where they changed the same thing. @param {any} base @param {any} mine @param {any} theirs */
export function merged(base, mine, theirs) {
  const result = both(base, mine, theirs);
  return result === CLASH ? null : result;
}

/** @param {any} base @param {any} mine @param {any} theirs @returns {any} */
function both(base, mine, theirs) {
  if (same(mine, theirs) || same(theirs, base)) return mine;
  if (same(mine, base)) return theirs;
  if ([mine, theirs].every(mapping) && (base === undefined || mapping(base))) return ofMappings(base ?? {}, mine, theirs);
  if ([base ?? [], mine, theirs].every(named)) return ofLists(base ?? [], mine, theirs);
  return CLASH;
}

/** @param {any} base @param {any} mine @param {any} theirs */
function ofMappings(base, mine, theirs) {
  const keys = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const parts = keys.map((key) => [key, both(base[key], mine[key], theirs[key])]);
  return parts.some(([, value]) => value === CLASH) ? CLASH : Object.fromEntries(parts.filter(([, value]) => value !== undefined));
}

/** Lists of stages, triggers or rules, by their ids. @param {any[]} base @param {any[]} mine @param {any[]} theirs */
function ofLists(base, mine, theirs) {
  const ids = (/** @type {any[]} */ list) => list.map((item) => item.id);
  const of = (/** @type {any[]} */ list, /** @type {string} */ id) => list.find((item) => item.id === id);
  const kept = (/** @type {any[]} */ list, /** @type {any[]} */ other) => ids(list).filter((id) => ids(other).includes(id));
  const moved = [mine, theirs].filter((list) => !same(kept(list, base), kept(base, list)));
  if (moved.length === 2) return CLASH;
  const [order, other] = moved[0] === theirs ? [theirs, mine] : [mine, theirs];
  const added = ids(other).filter((id) => !ids(order).includes(id) && !ids(base).includes(id));
  const result = [...ids(order)];
  for (const id of added) {
    const before = ids(other)[ids(other).indexOf(id) - 1];
    result.splice(result.indexOf(before) + 1, 0, id);
  }
  const items = result.map((id) => both(of(base, id), of(mine, id), of(theirs, id)));
  // What one deleted and the other changed is for a person to decide.
  const lost = ids(base).some((id) => !result.includes(id) && [mine, theirs].some((list) => of(list, id) && !same(of(list, id), of(base, id))));
  return lost || items.includes(CLASH) ? CLASH : items.filter((item) => item !== undefined);
}
