// @ts-check
/** The chain of causes: which line of the history or run brought about which. */

/** @typedef {{up: Map<string, string>, down: Map<string, string[]>, items: Map<string, any>, runs: Map<string, {run: any, entry: number}>}} Chain */

/** Where a run is on the page and in the address. @param {number} entry @param {any} run */
export const runPlace = (entry, run) => `run-${entry}-${run.rule}${run.repeat ? `-${run.repeat}` : ""}`;

/** Where a line of the history is: by its time and content, as lines have no number. @param {any} line */
export function linePlace(line) {
  let hash = 2166136261;
  for (const letter of `${line.kind} ${line.text} ${line.by} ${line.cause}`) {
    hash = Math.imul(hash ^ /** @type {number} */ (letter.codePointAt(0)), 16777619);
  }
  return `at-${Date.parse(line.at).toString(36)}-${(hash >>> 0).toString(36)}`;
}

/** @param {any[]} lines The newest first, as far as they are loaded. @param {any} why @returns {Chain} */
export function chainOf(lines, why) {
  /** @type {Chain} */
  const chain = { up: new Map(), down: new Map(), items: new Map(lines.map((one) => [linePlace(one), one])), runs: new Map() };
  for (const { entry, runs } of why.entries) {
    for (const run of runs) chain.runs.set(runPlace(entry, run), { run, entry });
  }
  for (const line of lines) tie(chain, causeOf(line, lines, why), linePlace(line));
  for (const [place, { run, entry }] of chain.runs) tie(chain, originOf(run, entry, lines), place);
  return chain;
}

/** @param {Chain} chain @param {string | null} cause @param {string} effect */
function tie(chain, cause, effect) {
  if (!cause || cause === effect) return;
  chain.up.set(effect, cause);
  chain.down.set(cause, [...(chain.down.get(cause) ?? []), effect]);
}

/** A run is planned by an arrival; keeping a file is planned by what made it ready. @param {any} run @param {number} entry @param {any[]} lines */
function originOf(run, entry, lines) {
  const arrival = lines.find((one) => one.entry === entry && ["moved", "created"].includes(one.kind));
  return arrival ? linePlace(arrival) : null;
}

/** @param {any} line @param {any[]} lines @param {any} why @returns {string | null} */
function causeOf(line, lines, why) {
  if (line.kind === "file") return fileRun(line, why);
  if (line.kind === "run" || line.kind === "resolved") return runPlaceOf(/the rule ([^\s,;]+)/.exec(line.text)?.[1], line, "", lines, why);
  const saved = line.kind === "event" && /^(field|responsible)\.changed$/.test(line.event ?? "") ? savedWith(line, lines) : null;
  if (saved) return linePlace(saved);
  const parts = (line.cause ?? "").split(" > ");
  const last = parts.at(-1) ?? "";
  const before = parts.slice(0, -1).join(" > ");
  if (last.startsWith("trigger:")) {
    const found = line.kind === "moved"
      ? lines.find((one) => one.cause === before && one.at <= line.at && one.fired?.trigger === last.slice(8))
      : lines.find((one) => one.cause === line.cause && one.at === line.at && one.kind === "moved");
    return found ? linePlace(found) : null;
  }
  if (/^(mail|task)\./.test(last)) return runPlaceOf(parts.at(-2), line, parts.slice(0, -2).join(" > "), lines, why);
  return runPlaceOf(last, line, before, lines, why);
}

/** The save that changed the field of which a line speaks. @param {any} line @param {any[]} lines */
function savedWith(line, lines) {
  const field = line.event === "responsible.changed" ? "responsible" : line.text.split(" ")[1];
  return lines.find((one) => one.at === line.at && one.changes.some((/** @type {any} */ change) => change.field === field));
}

/** The run that kept a file. @param {any} line @param {any} why */
function fileRun(line, why) {
  for (const { entry, runs } of why.entries) {
    const found = runs.find((/** @type {any} */ one) => one.result.sha256 && line.text.includes(one.result.sha256));
    if (found) return runPlace(entry, found);
  }
  return null;
}

/**
 * The run of a rule that a line speaks of: of the arrival with that chain, else of the last before it.
 *
 * @param {string | undefined} rule @param {any} line @param {string} cause @param {any[]} lines @param {any} why
 */
function runPlaceOf(rule, line, cause, lines, why) {
  const there = why.entries.filter((/** @type {any} */ one) => one.runs.some((/** @type {any} */ run) => run.rule === rule));
  if (!rule || !there.length) return null;
  const arrivals = lines.filter((one) => ["moved", "created"].includes(one.kind) && one.at <= line.at && there.some((/** @type {any} */ other) => other.entry === one.entry));
  const entry = (arrivals.find((one) => one.cause === cause) ?? arrivals[0])?.entry;
  const found = there.find((/** @type {any} */ one) => one.entry === entry) ?? there.at(-1);
  return runPlace(found.entry, found.runs.findLast((/** @type {any} */ one) => one.rule === rule));
}

/** All that a place comes from and leads to, itself included. @param {Chain} chain @param {string} place */
export function family(chain, place) {
  const found = new Set([place]);
  for (let one = chain.up.get(place); one && !found.has(one); one = chain.up.get(one)) found.add(one);
  const open = [place];
  while (open.length) {
    for (const one of chain.down.get(/** @type {string} */ (open.pop())) ?? []) {
      if (!found.has(one)) {
        found.add(one);
        open.push(one);
      }
    }
  }
  return found;
}
