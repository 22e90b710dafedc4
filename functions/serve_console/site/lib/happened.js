// @ts-check
/** What happened to a document and what its rules do, as sentences in the console's language. */
import { get } from "./api.js";
import { moment, shown, span, t, told, translated } from "./ui.js";

/** @typedef {{stages: any[], why: any, document: any, kinds: Map<string, any>, providers: Map<string, string>}} Known */

/** @type {Promise<{kinds: Map<string, any>, providers: Map<string, string>}> | null} */
let catalogue = null;
/** What kinds and providers are called; asked for once. */
export function called() {
  catalogue ??= Promise.all([get("/catalogue/kinds"), get("/catalogue/providers")]).then(
    ([kinds, providers]) => ({
      kinds: new Map(kinds.items.map((/** @type {any} */ one) => [one.kind, one])),
      providers: new Map(providers.items.map((/** @type {any} */ one) => [one.provider, one.title])),
    }),
    (error) => {
      catalogue = null;
      throw error;
    },
  );
  return catalogue;
}

/** @param {Known} known @param {string | null} id */
export const stageName = (known, id) => known.stages.find((one) => one.id === id)?.name ?? id ?? "";

/** @param {Known} known @param {string} id */
export function triggerName(known, id) {
  const found = known.stages.flatMap((one) => one.triggers ?? []).find((one) => one.id === id);
  return found?.name ?? (translated(known.kinds.get(found?.kind)?.title) || id);
}

/** @param {Known} known @param {string} id */
export function ruleName(known, id) {
  if (id.startsWith("trigger.")) return triggerName(known, id.slice(8));
  const found = known.stages.flatMap((one) => one.rules ?? []).find((one) => one.id === id);
  const run = known.why.entries.flatMap((/** @type {any} */ one) => one.runs).find((/** @type {any} */ one) => one.rule === id);
  return found?.name ?? run?.name ?? id;
}

/** Who it is: a person by name, a provider, trigger or rule by what it is called. @param {Known} known @param {string | null} by */
export function person(known, by) {
  if (!by) return "";
  const signer = known.document.signers.find((/** @type {any} */ one) => [one.email, one.name, one.phone, one.id].includes(by));
  if (signer) return signer.name ?? by;
  const [kind, rest] = [by.slice(0, by.indexOf(":")), by.slice(by.indexOf(":") + 1)];
  if (kind === "provider") return known.providers.get(rest) ?? rest;
  if (kind === "trigger") return t("doc trigger", { name: triggerName(known, rest) });
  if (kind === "rule") return t("doc rule", { name: ruleName(known, rest) });
  return told(`doc by ${by}`, by);
}

const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"';
/** What persons do with runs, tasks and files, by the timeline's English. @type {[string, RegExp, string[]][]} */
const DONE = [
  ["doc ran now", /ran the rule (\S+?) now/, ["rule"]],
  ["doc shifted", /shifted the rule (\S+) to (\d{4}-\d\d-\d\d \d\d:\d\d) UTC/, ["rule", "at"]],
  ["doc tried again", /had the rule (\S+) tried again/, ["rule"]],
  ["doc skipped", /skipped the rule (\S+?)[,;]/, ["rule"]],
  ["doc accepted", /counted the rule (\S+) as done/, ["rule"]],
  ["doc task made", new RegExp(`made the task ${QUOTED} of ([^,]+)`), ["title", "who"]],
  ["doc task completed", new RegExp(`completed.* the task ${QUOTED}`), ["title"]],
  ["doc task withdrawn", new RegExp(`withdrew the task ${QUOTED}`), ["title"]],
  ["doc task given", new RegExp(`gave the task ${QUOTED} of .+ to (.+)$`), ["title", "who"]],
  ["doc point checked", new RegExp(`^\\S+ checked ${QUOTED} of the task ${QUOTED}`), ["point", "title"]],
  ["doc point unchecked", new RegExp(`unchecked ${QUOTED} of the task ${QUOTED}`), ["point", "title"]],
  ["doc file kept", /^the .+ of the provider is kept: (.+) \([^()]*SHA-256/, ["name"]],
  ["doc file replaced", /replaced (.+?) \([^()]*SHA-256 \w+\) by (.+) \(/, ["name", "new"]],
  ["doc file added", /added (.+) \([^()]*SHA-256/, ["name"]],
  ["doc file removed", /removed (.+) \([^()]*SHA-256/, ["name"]],
];

/** @param {any} entry @param {Known} known */
export function sentence(entry, known) {
  switch (entry.kind) {
    case "event":
      return eventSentence(entry, known);
    case "moved":
      return movedSentence(entry, known);
    case "created": {
      const told = /told of the envelope (.+)$/.exec(entry.text);
      return told
        ? t("doc created by envelope", { by: person(known, entry.by), envelope: told[1], stage: stageName(known, entry.to_stage) })
        : t("doc created", { by: person(known, entry.by), stage: stageName(known, entry.to_stage) });
    }
    case "edited":
      return t("doc edited", { by: person(known, entry.by), fields: entry.changes.map((/** @type {any} */ one) => fieldName(one.field)).join(", ") });
    case "commented":
      return t("doc commented", { by: person(known, entry.by), text: entry.text });
    case "rules_stopped":
      return t("doc rules stopped", { by: person(known, entry.by) });
    case "stopped":
      return t("doc stopped", { by: person(known, entry.text.split(" ")[0]) });
    case "run":
    case "resolved":
    case "task":
    case "file":
      return doneSentence(entry, known) ?? entry.text;
    default:
      return entry.text;
  }
}

/** @param {any} entry @param {Known} known */
function doneSentence(entry, known) {
  for (const [key, pattern, names] of DONE) {
    const found = pattern.exec(entry.text);
    if (!found) continue;
    /** @type {Record<string, string>} */
    const values = Object.fromEntries(names.map((name, index) => [name, found[index + 1]]));
    if (values.rule) values.rule = ruleName(known, values.rule);
    if (values.who) values.who = person(known, values.who);
    if (values.at) values.at = moment(`${values.at.replace(" ", "T")}:00Z`, known.why.time_zone);
    return t(key, { by: person(known, entry.by), ...values });
  }
  return null;
}

/** @param {any} entry @param {Known} known */
function movedSentence(entry, known) {
  const values = { from: stageName(known, entry.from_stage), to: stageName(known, entry.to_stage), by: person(known, entry.by) };
  const as = / as ([^;]+?)(?:;|$)/.exec(entry.text)?.[1];
  if (!/^(trigger|rule):/.test(entry.by)) return t("doc moved by person", values);
  return t(as && as !== "system" ? "doc moved as" : "doc moved", { ...values, as: person(known, as ?? "") });
}

/** @param {any} entry @param {Known} known */
function eventSentence(entry, known) {
  const who = entry.signer ? person(known, entry.signer) : /^mail\./.test(entry.event) ? mailTo(entry.text) : "";
  const rule = entry.event.startsWith("mail.") ? ruleName(known, entry.cause?.split(" > ").at(-2) ?? "") : "";
  const field = /^field\.changed (\S+)/.exec(entry.text)?.[1];
  const values = { who, rule, by: person(known, entry.by), field: field ? fieldName(field) : "" };
  return told(`doc event ${entry.event}${who ? " by" : ""}`, "") || told(`doc event ${entry.event}`, "")
    ? t(who && told(`doc event ${entry.event} by`, "") ? `doc event ${entry.event} by` : `doc event ${entry.event}`, values)
    : entry.text;
}
/** @param {string} text */
const mailTo = (text) => / to (\S+@\S+?)(?:,| is| came| was|$)/.exec(text)?.[1] ?? "";

/** What of an event is said small: that it was known, came late, or is read off a later message. @param {any} entry */
export function aside(entry) {
  if (entry.kind !== "event") return null;
  if (entry.text.endsWith(": known already")) return t("doc known already");
  if (entry.text.endsWith("late, older than what is known")) return t("doc late");
  if (entry.text.includes("read off the state that")) return t("doc derived");
  if (entry.text.endsWith("has no effect on the document")) return t("doc no effect");
  return null;
}

/** @param {string} name */
export const fieldName = (name) => told(["title", "number", "amount", "currency", "responsible", "status"].includes(name) ? name : "", name);

/** A clause's field and what was wanted, without what the operator does not take. @param {any} change */
export const changed = (change) => `${fieldName(change.field)}: ${shown(change.old_text ?? change.old)} → ${shown(change.new_text ?? change.new)}`;

/** Why a trigger did not fire, where the reason is one of those without values. @param {string} reason @param {Known} known */
export function reasonOf(reason, known) {
  if (!reason) return "";
  if (reason === "the document is in the trigger's own stage") return t("doc own stage");
  const left = /^the document left the stage (\S+) before (it|its)/.exec(reason);
  if (left) return t("doc left before", { stage: stageName(known, left[1]) });
  return told(`doc reason ${reason}`, reason);
}

/** What a run does now, beside its state. @param {any} run @param {Known} known @param {any[]} tasks */
export function runWords(run, known, tasks) {
  switch (run.state) {
    case "waiting": {
      const after = /^waits for (.+)$/.exec(run.words)?.[1];
      return after ? t("doc waits for rule", { name: after }) : t("doc waits");
    }
    case "no_date":
      return run.date_field ? t("doc no date", { field: fieldName(run.date_field) }) : reasonOf(run.reason, known);
    case "ready": {
      if (run.words.startsWith("will be rescheduled")) return t("doc rescheduled", { field: fieldName(run.date_field ?? "") });
      if (run.words.startsWith("will be skipped")) return t("doc too late");
      return timing(rule(run.rule, known)?.time) ?? (run.words.split(/: (.+)/)[1] || "");
    }
    case "running":
      return "";
    case "awaiting": {
      const task = tasks.find((one) => one.rule === run.rule && one.state === "open");
      return task ? t("doc waits for task", { title: task.title, who: person(known, task.assignee) }) : run.words;
    }
    case "done": {
      const at = /(\d{4}-\d\d-\d\d) (\d\d:\d\d)/.exec(run.words);
      const when = at ? moment(`${at[1]}T${at[2]}:00Z`, "UTC") : "";
      return [when, run.result?.to ? t("doc to", { to: run.result.to }) : ""].filter(Boolean).join(" · ");
    }
    case "skipped":
      return run.verdict && run.verdict.outcome !== "true" && run.verdict.clauses.length ? t("doc condition not met") : reasonOf(run.reason, known);
    case "in_doubt":
      return [run.reason, t("doc in doubt")].filter(Boolean).join("; ");
    default:
      return reasonOf(run.reason, known);
  }
}
/** @param {string} id @param {Known} known */
const rule = (id, known) => known.stages.flatMap((one) => one.rules ?? []).find((one) => one.id === id);

const UNITS = /** @type {Record<string, number>} */ ({ minutes: 60, hours: 3600, days: 86_400 });
/** A rule's time as a sentence where it is a simple one; null where only the API can say it. @param {any} time */
function timing(time) {
  if (!time) return t("doc at once");
  if (Object.keys(time).some((one) => !["after", "at", "working_hours"].includes(one))) return null;
  const parts = Object.entries(time.after ?? {});
  if (parts.length !== 1 || !(parts[0][0] in UNITS)) return null;
  return [
    t("doc after turn", { span: span(Number(parts[0][1]) * UNITS[parts[0][0]]) }),
    time.at ? t("doc at time", { time: time.at }) : "",
    time.working_hours ? t("doc working hours") : "",
  ].filter(Boolean).join(", ");
}

/** Triggers that would move the document out of where it is, nearest stage first. @param {Known} known */
export function movers(known) {
  const here = known.stages.findIndex((one) => one.id === known.document.stage);
  const final = (known.stages[here]?.kind ?? "open") !== "open";
  return known.stages.flatMap((stage, index) =>
    (stage.triggers ?? [])
      .filter((/** @type {any} */ one) => one.enabled !== false && index !== here && ((!final && index > here) || one.allow_return))
      .map((/** @type {any} */ one) => ({ trigger: one, stage })),
  );
}

/** For whom a trigger waits, of those that wait for signatures. @param {any} trigger @param {Known} known */
export function waitsFor(trigger, known) {
  const party = { signed_by_client: "client", signed_by_company: "company" }[String(trigger.kind)];
  if (!party && trigger.kind !== "signed_by_all") return [];
  return known.document.signers
    .filter((/** @type {any} */ one) => one.action === "sign" && one.status !== "signed" && (!party || one.party === party))
    .map((/** @type {any} */ one) => one.name ?? one.email ?? one.id);
}

/**
 * The chain of causes, each with where it is seen: a line of the history or a run.
 *
 * @param {string} cause @param {any[]} items The history's lines that are loaded. @param {Known} known
 * @returns {{text: string, target: string | null}[]}
 */
export function causes(cause, items, known) {
  const parts = cause.split(" > ");
  return parts.map((part, index) => {
    const chain = parts.slice(0, index + 1).join(" > ");
    const before = parts.slice(0, index).join(" > ");
    if (part.startsWith("trigger:")) {
      const moved = items.find((one) => one.cause === chain && one.kind === "moved");
      return { text: triggerName(known, part.slice(8)), target: moved?.anchor ?? null };
    }
    if (/^(provider:\S+) /.test(part)) {
      const [by, ...event] = part.split(" ");
      const heard = items.find((one) => one.cause === chain && one.kind === "event") ?? items.find((one) => one.cause === chain);
      return { text: `${person(known, by)} ${event.join(" ")}`, target: heard?.anchor ?? null };
    }
    const run = runOf(part, items.find((one) => one.cause === before && one.kind === "moved")?.entry, known);
    if (run) return { text: ruleName(known, part), target: `run-${run}` };
    return { text: told(`doc happening ${part}`, person(known, part)), target: null };
  });
}

/** @param {string} rule @param {number | undefined} entry @param {Known} known */
function runOf(rule, entry, known) {
  const there = known.why.entries.filter((/** @type {any} */ one) => one.runs.some((/** @type {any} */ run) => run.rule === rule));
  const found = there.find((/** @type {any} */ one) => one.entry === entry) ?? there.at(-1);
  return found ? `${known.why.document}.${found.entry}.${rule}` : null;
}

/** The history's lines that a run caused, or that speak of it. @param {any} run @param {number} entry @param {any[]} items @param {Known} known */
export function linesOf(run, entry, items, known) {
  return items.filter((one) => {
    const parts = one.cause?.split(" > ") ?? [];
    const place = parts.indexOf(run.rule);
    if (place >= 0) {
      const arrival = items.find((other) => other.kind === "moved" && other.cause === parts.slice(0, place).join(" > "));
      return (arrival?.entry ?? entry) === entry;
    }
    return one.entry === entry && (one.by === `rule:${run.rule}` || (["run", "resolved"].includes(one.kind) && one.text.includes(`the rule ${run.rule}`)));
  });
}
