// @ts-check
/** What happened to a document and what its rules do, as sentences in the console's language. */
import { get } from "./api.js";
import { dayOf, moment, money, number, t, textOr, translated } from "./ui.js";
import { fieldOf, learnVocabulary } from "./vocabulary.js";
import { timeText } from "./words.js";

/**
 * What sentences are made with: the pipeline's stages and fields, the document, why it is where it
 * is, and what kinds and providers are called.
 *
 * @typedef {{stages: any[], fields: Record<string, any>, why: any, document: any, kinds: Map<string, any>, providers: Map<string, string>}} Known
 */

/** @type {Promise<{kinds: Map<string, any>, providers: Map<string, string>}> | null} */
let catalogue = null;
/** What kinds and providers are called; asked for once. */
export function called() {
  catalogue ??= Promise.all([get("/catalogue/kinds"), get("/catalogue/providers"), learnVocabulary()]).then(
    ([kinds, providers]) => ({
      kinds: new Map(kinds.items.map((/** @type {any} */ kind) => [kind.kind, kind])),
      providers: new Map(providers.items.map((/** @type {any} */ provider) => [provider.provider, provider.title])),
    }),
    (error) => {
      catalogue = null;
      throw error;
    },
  );
  return catalogue;
}

// --- names

/** @param {Known} known @param {string | null} id */
export const stageName = (known, id) => known.stages.find((stage) => stage.id === id)?.name ?? id ?? "";

/** @param {Known} known @param {any} part A trigger or rule. */
export const partName = (known, part) => part.name || translated(known.kinds.get(part.kind)?.title) || part.id;

/** @param {Known} known @param {string} id */
export function triggerName(known, id) {
  const trigger = known.stages.flatMap((stage) => stage.triggers ?? []).find((trigger) => trigger.id === id);
  return trigger ? partName(known, trigger) : id;
}

/** The name of a run's rule, trigger or own doing. @param {Known} known @param {any} run */
export function runName(known, run) {
  const again = run.repeat ? ` (${t("doc repeat", { n: run.repeat })})` : "";
  const name = String(run.name).replace(/ \(repeat \d+\)$/, "");
  if (run.kind === "keep_file") {
    const kind = /(signed_pdf|audit_trail)$/.exec(run.rule)?.[1] ?? "attachment";
    return t("doc keep file", { kind: t(`file ${kind}`) });
  }
  if (run.rule.startsWith("trigger.")) return triggerName(known, run.rule.slice(8));
  const task = /^(?:mail about the task of|E-Mail über die Aufgabe von) (.+)$/.exec(name)?.[1];
  if (task) return t("doc task mail", { rule: ruleName(known, task) }) + again;
  const title = name === run.rule ? translated(known.kinds.get(run.kind)?.title) : "";
  return (title || name) + again;
}

/** @param {Known} known @param {string} id */
export function ruleName(known, id) {
  const rule = ruleOf(known, id);
  if (rule) return partName(known, rule);
  const run = known.why.entries.flatMap((/** @type {any} */ entry) => entry.runs).find((/** @type {any} */ candidate) => candidate.rule === id);
  if (run) return runName(known, run);
  return id.startsWith("trigger.") ? triggerName(known, id.slice(8)) : id;
}

/** Who it is: a person by name, a provider, trigger or rule by what it is called. @param {Known} known @param {string | null} by */
export function person(known, by) {
  if (!by) return "";
  const signer = known.document.signers.find((/** @type {any} */ candidate) => [candidate.email, candidate.name, candidate.phone, candidate.id].includes(by));
  if (signer) return signer.name ?? by;
  if (by === known.document.envelope?.sender?.email) return known.document.envelope.sender.name ?? by;
  const [, kind, rest] = /^(provider|trigger|rule|group|program):(.+)$/.exec(by) ?? [];
  if (kind === "provider") return known.providers.get(rest) ?? rest;
  if (kind === "trigger") return t("doc trigger", { name: triggerName(known, rest) });
  if (kind === "rule") return t("doc rule", { name: ruleName(known, rest) });
  if (kind === "group") return t("doc group", { name: rest });
  if (kind === "program") return t("doc program", { name: textOr(`role ${rest}`, rest) });
  return textOr(`doc by ${by}`, by);
}

/** What a field is called. @param {Known} known @param {string} name */
export const fieldName = (known, name) => fieldOf(known, name).label;

/** A value as people read it, from the API's text of it. @param {Known} known @param {string} field @param {any} value */
export function valueOf(known, field, value) {
  if (value === null || value === undefined || value === "") return "–";
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  const type = field === "amount" ? "money" : known.fields[field]?.type;
  const plain = text.replaceAll(",", "");
  if ((type === "money" || type === "number") && /^-?\d+(\.\d+)?$/.test(plain)) {
    return type === "money" && /\.\d/.test(plain) ? money(plain, null) : number(Number(plain));
  }
  if (value === true || value === false || (type === "bool" && /^(true|false|yes|no)$/.test(text))) {
    return t(/^(true|yes)$/.test(text) ? "yes" : "no");
  }
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return dayOf(text);
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return moment(text, known.why.time_zone);
  return text;
}

/** A field before and after. @param {Known} known @param {any} change */
export const changed = (known, change) =>
  `${fieldName(known, change.field)}: ${valueOf(known, change.field, change.old)} → ${valueOf(known, change.field, change.new)}`;

// --- lines of the history

const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"';
const DONE = /** What persons do with runs, tasks and files, by the timeline's English. @type {[string, RegExp, string[]][]} */ ([
  ["doc ran now", /ran the rule (\S+) now/, ["rule"]],
  ["doc shifted", /shifted the rule (\S+) to (\d{4}-\d\d-\d\d \d\d:\d\d) UTC/, ["rule", "at"]],
  ["doc tried again", /had the rule (\S+) tried again/, ["rule"]],
  ["doc skipped", /skipped the rule ([^\s,;]+)/, ["rule"]],
  ["doc accepted", /counted the rule (\S+) as done/, ["rule"]],
  ["doc task completed", new RegExp(`completed.* the task ${QUOTED}`), ["title"]],
  ["doc task withdrawn", new RegExp(`withdrew the task ${QUOTED}`), ["title"]],
  ["doc task given", new RegExp(`gave the task ${QUOTED} of .+ to (.+)$`), ["title", "who"]],
  ["doc point checked", new RegExp(`ticked off ${QUOTED} of the task ${QUOTED}`), ["point", "title"]],
  ["doc point unchecked", new RegExp(`opened again ${QUOTED} of the task ${QUOTED}`), ["point", "title"]],
  ["doc task made", new RegExp(`made the task ${QUOTED} of ([^,(]+)`), ["title", "who"]],
  ["doc file kept", /^the .+ of the provider is kept: (.+) \([^()]*SHA-256/, ["name"]],
  ["doc file replaced", /replaced (.+?) \([^()]*SHA-256 \w+\) by (.+) \([^()]*SHA-256/, ["name", "new"]],
  ["doc file added", /added (.+) \([^()]*SHA-256/, ["name"]],
  ["doc file removed", /removed (.+) \([^()]*SHA-256/, ["name"]],
]);

/** @type {Record<string, (entry: any, known: Known) => string>} */
const SENTENCES = {
  event: eventSentence,
  moved: movedSentence,
  created: createdSentence,
  attached: (entry, known) => t("doc attached", { by: person(known, entry.by), envelope: /envelope (\S+)/.exec(entry.text)?.[1] }),
  edited: (entry, known) =>
    t("doc edited", { by: person(known, entry.by), fields: entry.changes.map((/** @type {any} */ change) => fieldName(known, change.field)).join(", ") }),
  commented: (entry, known) => t("doc commented", { by: person(known, entry.by), text: entry.text }),
  rules_stopped: (entry, known) => t("doc rules stopped", { by: person(known, entry.by) }),
  stopped: (entry, known) => t("doc stopped", { by: person(known, entry.text.split(" ")[0]) }),
  warning: warningSentence,
  erased: (entry, known) => t("doc erased", { by: person(known, entry.by) }),
  run: doneSentence,
  resolved: doneSentence,
  task: doneSentence,
  file: doneSentence,
};

/** @param {any} entry @param {Known} known */
export const sentence = (entry, known) => capital(SENTENCES[entry.kind]?.(entry, known) ?? entry.text);
/** With a capital letter, unless an address comes first. @param {string} text */
const capital = (text) => (/^\S*@/.test(text) ? text : text.charAt(0).toLocaleUpperCase() + text.slice(1));

/** What could not be taken over, or waits; others as the API says them. @param {any} entry @param {Known} known */
function warningSentence(entry, known) {
  const kept = /^(.+?) says (.+), but (\S+) stays as a person set it/s.exec(entry.text);
  if (kept) return t("doc kept", { source: kept[1] === "the envelope" ? t("doc the envelope") : kept[1], value: kept[2] === "nothing" ? t("nothing") : kept[2], field: fieldName(known, kept[3]) });
  const quota = /^(\S+): waits for the account's daily quota/.exec(entry.text);
  if (quota) return t("doc quota", { rule: ruleName(known, quota[1]) });
  const several = /may mean (\d+) signers equally well \((.+)\)/.exec(entry.text);
  if (several) return t("doc ambiguous", { n: Number(several[1]), names: several[2] });
  return /^no rule of the stage \S+ is planned/.test(entry.text) ? t("doc none planned") : entry.text;
}

/** @param {any} entry @param {Known} known */
function createdSentence(entry, known) {
  const envelope = /(?:told of|reported) the envelope (.+)$/.exec(entry.text)?.[1];
  const values = { by: person(known, entry.by), stage: stageName(known, entry.to_stage), envelope };
  return t(envelope ? "doc created by envelope" : "doc created", values);
}

/** @param {any} entry @param {Known} known */
function doneSentence(entry, known) {
  for (const [key, pattern, names] of DONE) {
    const match = pattern.exec(entry.text);
    if (!match) continue;
    /** @type {Record<string, string>} */
    const values = Object.fromEntries(names.map((name, index) => [name, match[index + 1]]));
    if (values.rule) values.rule = ruleName(known, values.rule);
    if (values.who) values.who = person(known, values.who.trim());
    if (values.at) values.at = moment(`${values.at.replace(" ", "T")}:00Z`, known.why.time_zone);
    return t(key, { by: person(known, entry.by), ...values });
  }
  return entry.text;
}

/** @param {any} entry @param {Known} known */
function movedSentence(entry, known) {
  const values = { from: stageName(known, entry.from_stage), to: stageName(known, entry.to_stage), by: person(known, entry.by) };
  const passed = /these did not begin: (.+)$/.exec(entry.text)?.[1].split(", ").map((id) => ruleName(known, id)).join(", ");
  const after = passed ? ` ${t("doc passed by", { names: passed })}` : "";
  if (!/^(trigger|rule):/.test(entry.by)) return t("doc moved by person", values) + after;
  const as = / as ([^;]+?)(?:;|$)/.exec(entry.text)?.[1];
  return t(as && as !== "system" ? "doc moved as" : "doc moved", { ...values, as: person(known, as ?? "") }) + after;
}

/** @param {any} entry @param {Known} known */
function eventSentence(entry, known) {
  if (entry.event === "task.completed") return doneSentence(entry, known);
  const ofMail = entry.event?.startsWith("mail.");
  const who = entry.signer ? person(known, entry.signer) : ofMail ? mailTo(entry.text, known) : "";
  const field = /^field\.changed (\S+)/.exec(entry.text)?.[1];
  const values = {
    who,
    rule: ofMail ? ruleName(known, entry.cause?.split(" > ").at(-2) ?? "") : "",
    by: person(known, entry.by),
    field: field ? fieldName(known, field) : "",
    trigger: triggerName(known, /^the time of trigger (\S+) came/.exec(entry.text)?.[1] ?? entry.fired?.trigger ?? ""),
    provider: person(known, entry.by),
  };
  const key = [`doc event ${entry.event} by`, `doc event ${entry.event}`].find((textKey) => (who || !textKey.endsWith(" by")) && textOr(textKey, ""));
  return key ? t(key, values) : t("doc event other", values);
}
/** @param {string} text @param {Known} known */
const mailTo = (text, known) => person(known, / to (\S+@[^\s,;:]+)/.exec(text)?.[1] ?? /^(\S+@\S+) marked/.exec(text)?.[1] ?? "");

/** What of an event is said small: that it was known, came late, or is read off a later message. @param {any} entry */
export function aside(entry) {
  if (entry.kind !== "event") return null;
  if (entry.text.endsWith(": known already")) return t("doc known already");
  if (entry.text.endsWith("late, older than what is known")) return t("doc late");
  if (entry.text.includes("read off the state that")) return t("doc derived");
  if (entry.text.endsWith("has no effect on the document")) return t("doc no effect");
  if (entry.text.includes(" by a machine")) return t("doc by a machine");
  return null;
}

// --- runs

/** What a run does now, beside its state. @param {any} run @param {Known} known @param {any[]} tasks */
export function runWords(run, known, tasks) {
  switch (run.state) {
    case "ready":
      return readyWords(run, known);
    case "running":
      return "";
    case "awaiting": {
      const task = tasks.find((candidate) => candidate.rule === run.rule && candidate.state === "open");
      return task ? t("doc waits for task", { title: task.title, who: person(known, task.assignee) }) : (run.reason ?? "");
    }
    case "waiting": {
      const after = ruleAbove(known, run.rule);
      return after ? t("doc waits for rule", { name: partName(known, after) }) : run.words;
    }
    case "no_date":
      return run.date_field ? t("doc no date", { field: fieldName(known, run.date_field) }) : (run.reason ?? "");
    case "done":
      return [ended(run, known), run.result?.to ? t("doc to", { to: run.result.to.split(", ").map((/** @type {string} */ address) => person(known, address)).join(", ") }) : ""].filter(Boolean).join(" · ");
    case "skipped":
      return [run.verdict?.clauses.length && run.verdict.outcome !== "true" ? t("doc condition not met") : run.reason, ended(run, known)].filter(Boolean).join(" · ");
    case "in_doubt":
      return [run.reason, t("doc in doubt")].filter(Boolean).join("; ");
    default:
      return [run.reason, ended(run, known)].filter(Boolean).join(" · ");
  }
}
/** When a run ended. @param {any} run @param {Known} known */
const ended = (run, known) => (run.concluded_at ? moment(run.concluded_at, known.why.time_zone) : "");
/** Why a run is due when it is: what went wrong before, or its time. @param {any} run @param {Known} known */
function readyWords(run, known) {
  const said = /^.*?\d\d:\d\d(?::\d\d)? \S+: (.+)$/s.exec(run.words)?.[1] ?? "";
  if (said && said === run.reason) return said;
  const by = /^(?:shifted to .+?|run now) by (\S+);/.exec(run.reason ?? "")?.[1];
  if (by) return t("doc by hand", { who: person(known, by) });
  const moved = /moved into working time|in die Arbeitszeit/.test(run.reason ?? "");
  return [timing(ruleOf(known, run.rule)?.time ?? null, known) ?? said, moved ? t("doc moved into hours") : ""].filter(Boolean).join(", ");
}
/** @param {Known} known @param {string} id */
export const ruleOf = (known, id) => known.stages.flatMap((stage) => stage.rules ?? []).find((rule) => rule.id === id);
/** The rule above one in its chain. @param {Known} known @param {string} id */
function ruleAbove(known, id) {
  const rules = known.stages.find((stage) => (stage.rules ?? []).some((/** @type {any} */ rule) => rule.id === id))?.rules ?? [];
  const place = rules.findIndex((/** @type {any} */ rule) => rule.id === id);
  return place > 0 && rules[place].execution !== "independent" ? rules[place - 1] : null;
}

/** A rule's time as a sentence; null where there is no rule that has one. @param {any} time @param {Known} known */
export const timing = (time, known) => (time === undefined ? null : timeText(time, known));

// --- triggers

/**
 * Why a trigger cannot move the document out of where it is; null where it can.
 *
 * @param {any} trigger @param {any} stage Where the trigger sits. @param {Known} known
 */
export function barred(trigger, stage, known) {
  const here = known.stages.findIndex((other) => other.id === known.document.stage);
  const place = known.stages.indexOf(stage);
  if (trigger.enabled === false) return t("doc switched off");
  if (place === here) return t("doc own stage");
  if (trigger.allow_return) return null;
  if (place < here) return t("doc no return");
  return (known.stages[here]?.kind ?? "open") === "open" ? null : t("doc final");
}

/** For whom a trigger waits, of those that wait for signatures. @param {any} trigger @param {Known} known */
export function waitsFor(trigger, known) {
  const party = { signed_by_client: "client", signed_by_company: "company" }[String(trigger.kind)];
  if (!party && trigger.kind !== "signed_by_all") return [];
  return known.document.signers
    .filter((/** @type {any} */ signer) => signer.action === "sign" && signer.status !== "signed" && (!party || signer.party === party))
    .map((/** @type {any} */ signer) => signer.name ?? signer.email ?? signer.id);
}
