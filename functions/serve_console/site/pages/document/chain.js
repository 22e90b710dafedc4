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
  const chain = { up: new Map(), down: new Map(), items: new Map(lines.map((line) => [linePlace(line), line])), runs: new Map() };
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
  const arrival = lines.find((line) => line.entry === entry && ["moved", "created"].includes(line.kind));
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
    const cause = line.kind === "moved"
      ? lines.find((earlier) => earlier.cause === before && earlier.at <= line.at && earlier.fired?.trigger === last.slice(8))
      : lines.find((earlier) => earlier.cause === line.cause && earlier.at === line.at && earlier.kind === "moved");
    return cause ? linePlace(cause) : null;
  }
  if (/^(mail|task)\./.test(last)) return runPlaceOf(parts.at(-2), line, parts.slice(0, -2).join(" > "), lines, why);
  return runPlaceOf(last, line, before, lines, why);
}

/** The save that changed the field of which a line speaks. @param {any} line @param {any[]} lines */
function savedWith(line, lines) {
  const field = line.event === "responsible.changed" ? "responsible" : line.text.split(" ")[1];
  return lines.find((other) => other.at === line.at && other.changes.some((/** @type {any} */ change) => change.field === field));
}

/** The run that kept a file. @param {any} line @param {any} why */
function fileRun(line, why) {
  for (const { entry, runs } of why.entries) {
    const run = runs.find((/** @type {any} */ candidate) => candidate.result.sha256 && line.text.includes(candidate.result.sha256));
    if (run) return runPlace(entry, run);
  }
  return null;
}

/**
 * The run of a rule that a line speaks of: of the arrival with that chain, else of the last before it.
 *
 * @param {string | undefined} rule @param {any} line @param {string} cause @param {any[]} lines @param {any} why
 */
function runPlaceOf(rule, line, cause, lines, why) {
  const there = why.entries.filter((/** @type {any} */ entry) => entry.runs.some((/** @type {any} */ run) => run.rule === rule));
  if (!rule || !there.length) return null;
  const arrivals = lines.filter((candidate) => ["moved", "created"].includes(candidate.kind) && candidate.at <= line.at && there.some((/** @type {any} */ other) => other.entry === candidate.entry));
  const entry = (arrivals.find((arrival) => arrival.cause === cause) ?? arrivals[0])?.entry;
  const stay = there.find((/** @type {any} */ candidate) => candidate.entry === entry) ?? there.at(-1);
  return runPlace(stay.entry, stay.runs.findLast((/** @type {any} */ run) => run.rule === rule));
}

/** All that a place comes from and leads to, itself included. @param {Chain} chain @param {string} place */
export function family(chain, place) {
  const places = new Set([place]);
  for (let above = chain.up.get(place); above && !places.has(above); above = chain.up.get(above)) places.add(above);
  const open = [place];
  while (open.length) {
    for (const below of chain.down.get(/** @type {string} */ (open.pop())) ?? []) {
      if (!places.has(below)) {
        places.add(below);
        open.push(below);
      }
    }
  }
  return places;
}
