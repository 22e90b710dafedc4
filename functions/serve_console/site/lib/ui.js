// @ts-check
/** What every page is made of: texts, formats, addresses, states, dialogs, messages. */
import { html, signal, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { Live, Problem, absent, get, session } from "./api.js";

export { html };

// --- texts

/** @type {Record<string, string>} */
let texts = {};
const LANGUAGES = ["en", "de"];

/** Pages whose own texts are known. @type {Set<string>} */
const learned = new Set();

/** Load the texts of a language, those of the frame and of all pages so far. @param {string} language */
export async function speak(language) {
  const chosen = LANGUAGES.includes(language) ? language : "en";
  const files = ["", ...[...learned].map((file) => `${file}.`)];
  const modules = await Promise.all(files.map((file) => import(`../texts/${file}${chosen}.js`)));
  texts = Object.assign({}, ...modules.map((module) => module.default));
  document.documentElement.lang = chosen;
}

/** Load the texts of a page. @param {string} page */
export async function learn(page) {
  const module = await import(`../texts/${page}.${lang()}.js`);
  texts = { ...texts, ...module.default }; // after the wait: others may be learned meanwhile
  learned.add(page);
}

/** The language that the address, the browser's choice of before, or the browser itself wants. */
export function wanted() {
  const kept = stored("countersign.language");
  if (kept) return kept;
  return (navigator.languages ?? [navigator.language]).map((language) => language.slice(0, 2)).find((language) => LANGUAGES.includes(language)) ?? "en";
}

/** A text, with {names} filled in; a number chooses between "one|several". @param {string} key @param {Record<string, any>} [values] */
export function t(key, values = {}) {
  let text = texts[key] ?? key;
  if ("n" in values && text.includes("|")) text = text.split("|")[values.n === 1 ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (_, name) =>
    typeof values[name] === "number" ? number(values[name]) : String(values[name] ?? ""),
  );
}
/** A text if there is one. @param {string} key @param {string} otherwise */
export const textOr = (key, otherwise) => texts[key] ?? otherwise;
/** What the catalogue has in both languages. @param {{en: string, de: string} | null | undefined} both */
export const translated = (both) => (both ? both[/** @type {"en" | "de"} */ (lang())] ?? both.en : "");
export const lang = () => document.documentElement.lang;
/** How numbers and times are written: as the browser's own kind of the language does. */
export const locale = () => (navigator.languages ?? []).find((language) => language.slice(0, 2) === lang()) ?? lang();

/** @param {string} name */
export function stored(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
/** @param {string} name @param {string} value */
export function store(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    /* storage is switched off: it lasts as long as the page */
  }
}

// --- formats

/** @param {number} value */
export const number = (value) => new Intl.NumberFormat(locale()).format(value);
/** An amount, which the API gives as text. @param {string | null} amount @param {string | null} currency */
export function money(amount, currency) {
  if (amount === null || amount === undefined) return "";
  if (!currency) return new Intl.NumberFormat(locale(), { minimumFractionDigits: 2 }).format(Number(amount));
  try {
    return new Intl.NumberFormat(locale(), { style: "currency", currency }).format(Number(amount));
  } catch {
    return `${amount} ${currency}`;
  }
}
/** A day and time, short: without the year where it is this one. @param {string | null} at @param {string} [zone] */
export function moment(at, zone) {
  if (!at) return "";
  const date = new Date(at);
  const now = new Date();
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { hour: "2-digit", minute: "2-digit", timeZone: zone };
  if (date.toDateString() !== now.toDateString()) Object.assign(options, { day: "numeric", month: "short", weekday: "short" });
  if (date.getFullYear() !== now.getFullYear()) Object.assign(options, { year: "numeric", weekday: undefined });
  const text = new Intl.DateTimeFormat(locale(), options).format(date);
  return date.toDateString() === now.toDateString() ? t("today at", { time: text }) : text;
}
/** Marks of how a clause was judged; a word stands beside them. */
export const OUTCOME_MARKS = /** @type {Record<string, string>} */ ({ true: "✓", false: "✗", unknown: "?" });
/** Texts as a list that is read: "a, b and c". @param {string[]} parts @param {"conjunction" | "disjunction"} [type] */
export const wordList = (parts, type = "conjunction") => new Intl.ListFormat(locale(), { type }).format(parts);
/** A calendar day. @param {string} day */
export const dayOf = (day) =>
  new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
/** For how long, in the largest unit that fits; in German as after "seit" and "vor". @param {string | null} since */
export function age(since) {
  if (!since) return "";
  const text = span(Math.max(0, (Date.now() - Date.parse(since)) / 1000));
  return lang() === "de" ? text.replace(/(Tage|Monate|Jahre)$/, "$1n") : text;
}
/** @param {number} seconds */
export function span(seconds) {
  const [unit, size] = /** @type {[string, number]} */ (
    [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, size]) => seconds >= Number(size)) ?? ["second", 1]
  );
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(Math.floor(seconds / size));
}
/** @param {number} bytes */
export function size(bytes) {
  const [unit, bytesOfUnit] = bytes >= 1e6 ? ["megabyte", 1e6] : bytes >= 1000 ? ["kilobyte", 1000] : ["byte", 1];
  return new Intl.NumberFormat(locale(), { style: "unit", unit: String(unit), maximumFractionDigits: bytes >= 1e6 ? 1 : 0 }).format(bytes / Number(bytesOfUnit));
}
/** A value of a field as people read it. @param {any} value */
export function shown(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) return moment(value);
  if (typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value)) return dayOf(value);
  return String(value);
}

// --- addresses: #/page/part?name=value

/** Where we are: the parts of the path and the query. */
export const route = signal(parsed());
function parsed() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  return { parts: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query ?? "") };
}
/** Read the address again, after something other than the person changed it. */
export const reread = () => (route.value = parsed());
addEventListener("hashchange", reread);

/** The address of something. @param {(string | number)[]} parts @param {Record<string, any>} [query] */
export function to(parts, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `#/${parts.map((part) => encodeURIComponent(part)).join("/")}${search ? `?${search}` : ""}`;
}
/** @param {string} address */
export const go = (address) => (location.hash = address);
/** Keep a filter in the address, without a new entry of the history. @param {Record<string, any>} query */
export function filter(query) {
  const { parts, query: now } = route.peek();
  history.replaceState(null, "", to(parts, { ...Object.fromEntries(now), ...query }));
  reread();
}

// --- roles

const ROLES = ["viewer", "operator", "administrator"];
/** Why somebody may not do what needs a role; null where the role is there. @param {string} role */
export function refused(role) {
  const mine = session.value?.role;
  return ROLES.indexOf(mine) >= ROLES.indexOf(role) ? null : t("needs role", { role: t(`role ${role}`) });
}

// --- parts

/** A button; with `role`, switched off with the reason for whom the role is missing. @param {any} props */
export function Button({ role, main, danger, quiet, children, title, disabled, ...rest }) {
  const why = role ? refused(role) : null;
  const kind = [main && "main", danger && "danger", quiet && "quiet"].filter(Boolean).join(" ");
  return html`<button
    type="button"
    class=${`button ${kind}`}
    title=${why ?? title}
    aria-disabled=${why || disabled ? "true" : undefined}
    ...${why || disabled ? { ...rest, onClick: undefined } : rest}
  >${children}${why ? html`<span class="unseen">, ${why}</span>` : null}</button>`;
}
/** A button that reads as a link; with `role`, switched off with the reason for whom the role is missing. @param {any} props */
export function LinkButton({ role, children, disabled, bad, ...rest }) {
  const why = role ? refused(role) : null;
  return html`<button
    type="button"
    class=${bad ? "link bad" : "link"}
    title=${why ?? undefined}
    aria-disabled=${why || disabled ? "true" : undefined}
    ...${why || disabled ? { ...rest, onClick: undefined } : rest}
  >${children}${why ? html`<span class="unseen">, ${why}</span>` : null}</button>`;
}
/** @param {{tone?: string, children?: any}} props tone: ok, wait, bad, plain */
export const Pill = ({ tone = "plain", children }) => html`<span class=${`pill ${tone}`}>${children}</span>`;
/** @param {any} props */
export const Panel = ({ title, actions, children, label }) =>
  html`<section class="panel" aria-label=${label ?? title}>
    ${title ? html`<header class="row"><h2>${title}</h2><span class="grow"></span>${actions}</header>` : null}${children}
  </section>`;
/** The path of the page's title that was there last; null before the first, which does not take the focus. @type {string | null} */
let entered = null;
/** Whether the title that has gone had the focus, which the one in its place takes. */
let focusLeft = false;
/** The page's title, which takes the focus when the address changes, and what is done on the page. @param {any} props */
export function PageHead({ title, children, about }) {
  const own = useRef(/** @type {HTMLElement | null} */ (null));
  const path = route.value.parts.join("/");
  useLayoutEffect(() => {
    const left = focusLeft && document.activeElement === document.body;
    if (entered !== null && (entered !== path || left)) own.current?.focus();
    entered = path;
    focusLeft = false;
    return () => {
      focusLeft = document.activeElement === own.current;
    };
  }, [path]);
  useEffect(() => {
    document.title = `${own.current?.textContent} · Countersign`;
  });
  return html`<header class="head"><h1 tabindex="-1" ref=${own}>${title}</h1>${about}<span class="grow"></span><div class="row">${children}</div></header>`;
}
/** @param {any} props */
export const Empty = ({ title, children }) => html`<div class="empty"><p><b>${title}</b></p>${children}</div>`;
/** What went wrong, in a sentence, and what to do. @param {{problem: any, again?: () => void}} props */
export function Failed({ problem, again }) {
  return html`<div class="failed" role="alert">
    <p><b>${titleOf(problem)}</b></p>
    ${problem?.status && problem.message !== titleOf(problem) ? html`<p>${problem.message}</p>` : null}
    ${(problem?.errors ?? []).length ? html`<ul>${problem.errors.map((/** @type {any} */ error) => html`<li>${error.pointer ?? error.parameter ?? ""} ${error.detail}</li>`)}</ul>` : null}
    ${problem?.requestId ? html`<p class="dim">${t("request id", { id: problem.requestId })}</p>` : null}
    ${again ? html`<${Button} onClick=${again}>${t("try again")}<//>` : null}
  </div>`;
}
/** @param {any} problem */
export function titleOf(problem) {
  if (!(problem instanceof Problem)) return t("problem here");
  if (problem.status === 0) return t("problem offline");
  return problem.title || textOr(`problem ${problem.type}`, t("problem here"));
}
export const Loading = () => html`<p class="loading" role="status">${t("loading")}</p>`;

/** What a Live has: its value, or that it is loading or could not be loaded; `pipeline` is the one that it was asked for. @param {{live: Live<any>, pipeline?: string, children: (value: any) => any}} props */
export function Shown({ live, pipeline, children }) {
  const value = live.value.value;
  const problem = live.problem.value;
  if (value === null && pipeline && problem?.status === 404) return html`<${Unpublished} pipeline=${pipeline} problem=${problem} again=${() => live.again()} />`;
  if (value === null) return html`<div data-missing>${problem ? html`<${Failed} problem=${problem} again=${() => live.again()} />` : html`<${Loading} />`}</div>`;
  return html`${problem && problem.status !== 0 ? html`<${Failed} problem=${problem} again=${() => live.again()} />` : null}${children(value)}`;
}
/**
 * Where nothing is found of a pipeline: it was never published, or there is none. Another problem stays as it is.
 * @param {{pipeline: string, problem?: any, again?: () => void}} props
 */
export function Unpublished({ pipeline, problem, again }) {
  const id = encodeURIComponent(pipeline);
  const live = useLive(async () => {
    const [published, draft] = await Promise.all([get(`/pipelines/${id}`).catch(absent), get(`/drafts/${id}`, { optional: true })]);
    return { published, draft };
  }, [pipeline], 0);
  return html`<${Shown} live=${live}>${(/** @type {any} */ { published, draft }) => {
    if (published) return problem ? html`<${Failed} problem=${problem} again=${again} />` : html`<${Loading} />`;
    if (!draft) return html`<${Empty} title=${t("no such pipeline", { pipeline })}><p><a href=${to(["automation"])}>${t("all pipelines")}</a></p><//>`;
    return html`<${Empty} title=${t("never published named", { name: draft.name || pipeline })}><p>${t("never published about")}</p><p><a href=${to(["changes", pipeline, "plan"])}>${t("to the plan")}</a></p><//>`;
  }}<//>`;
}
/** The pipeline that the address names, to choose another; it stays a choice where it is not published. @param {{value: string, rows: any[]}} props */
export const PipelineSelect = ({ value, rows }) => html`<select class="input" value=${value} onChange=${(/** @type {any} */ event) => filter({ pipeline: event.target.value })}>
  ${rows.some((row) => row.pipeline === value) ? null : html`<option value=${value}>${value}</option>`}
  ${rows.map((pipeline) => html`<option key=${pipeline.pipeline} value=${pipeline.pipeline}>${pipeline.name || pipeline.pipeline}</option>`)}
</select>`;
/** Something that is seen again while the page is there. @template T @param {() => Promise<T>} load @param {any[]} inputs @param {number} [every] */
export function useLive(load, inputs, every) {
  const live = useMemo(() => new Live(load, every), inputs);
  useEffect(() => () => live.end(), [live]);
  return live;
}

/** A labelled input. @param {any} props */
export function Field({ label, help, error, children }) {
  const id = useId();
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${children({ id, "aria-describedby": help || error ? `${id}-help` : undefined, "aria-invalid": error ? "true" : undefined })}
    ${help || error ? html`<p class=${error ? "help error" : "help"} id=${`${id}-help`}>${error ?? help}</p>` : null}
  </div>`;
}

const PAUSE = 250;
/** A filter that is typed: the address has it after a pause. `list` has choices, or is the id of a datalist; `half` says what is not whole yet. @param {any} props */
export function Typed({ name, label, value, type = "search", list, half, autocomplete }) {
  const [text, set] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) set((sent.current = value));
  }, [value]);
  useEffect(() => {
    const given = text.trim();
    if (given === sent.current || half?.(given)) return;
    const timer = setTimeout(() => filter({ [name]: (sent.current = given) }), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  const own = Array.isArray(list) ? `choices-${name}` : null;
  return html`<label>${label}<input class="input" type=${type} min="0" max="36500" list=${own ?? list} autocomplete=${autocomplete} value=${text} onInput=${(/** @type {any} */ event) => set(event.target.value)} />
    ${own ? html`<datalist id=${own}>${list.map((/** @type {string} */ choice) => html`<option key=${choice} value=${choice}></option>`)}</datalist>` : null}</label>`;
}

/** A filter that is a day. @param {{name: string, label: string, value: string}} props */
export const Day = ({ name, label, value }) => html`<label>${label}<input class="input" type="date" value=${value} onChange=${(/** @type {any} */ event) => filter({ [name]: event.target.value })} /></label>`;

/** A filter for what one is responsible for or observes. @param {{value: string}} props */
export const Whose = ({ value }) => html`<label>${t("whose documents")}<select class="input" value=${value} onChange=${(/** @type {any} */ event) => filter({ person: event.target.value })}>
  <option value="">${t("all")}</option><option value="me" selected=${value === "me"}>${t("documents of mine")}</option>
</select></label>`;
/** Whose turn it is to sign a document of a list; empty where nobody's. @param {any} row */
export const turnOf = (row) => (row.signers_in_turn.length ? t("turn of", { who: wordList(row.signers_in_turn.map((/** @type {any} */ signer) => signer.name ?? signer.email ?? signer.id)) }) : "");

/** How many messages wait for a paused pipeline. @param {{number: number, more: boolean} | null | undefined} held */
export const heldText = (held) => (held ? t(held.more ? "messages held over" : "messages held", { n: held.number }) : "");

/** A dialog over the page; Escape closes it, and the focus goes back. `closing` is the word where closing cancels nothing. @param {any} props */
export function Dialog({ title, close, children, actions, wide, closing }) {
  const own = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    own.current?.showModal();
    /** @type {HTMLElement | null | undefined} */
    const field = own.current?.querySelector(".body :is(input, select, textarea)");
    (field ?? own.current)?.focus();
    if (!field) own.current?.scrollTo(0, 0); // showModal has scrolled to the first button, which may be at the end
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return html`<dialog
    ref=${own}
    tabindex="-1"
    class=${wide ? "wide" : ""}
    aria-labelledby=${id}
    onCancel=${(/** @type {Event} */ event) => {
      event.preventDefault();
      close();
    }}
  >
    <header><h2 id=${id}>${title}</h2></header>
    <div class="body">${children}</div>
    <footer class="row">${actions}<${Button} onClick=${close}>${closing ?? t("cancel")}<//></footer>
  </dialog>`;
}

/** A form in a dialog, which keeps what was typed when it fails. @param {any} props */
export function FormDialog({ title, submit, close, action, danger, children, wide }) {
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [busy, set] = useState(false);
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  async function act(/** @type {Event | undefined} */ event = undefined) {
    event?.preventDefault();
    if (busy || !form.current?.reportValidity()) return;
    if (form.current.querySelector("[data-missing]")) return say(t("form not whole")); // nobody sends what he has not seen
    set(true);
    try {
      await submit(new FormData(form.current));
      close();
    } catch (error) {
      tell(error);
      set(false);
    }
  }
  return html`<${Dialog} title=${title} close=${close} wide=${wide}
    actions=${html`<${Button} main=${!danger} danger=${danger} disabled=${busy} onClick=${() => act()}>${busy ? t("working") : action}<//>`}>
    <form ref=${form} onSubmit=${act}>
      ${children}
      ${problem ? html`<${Failed} problem=${problem} />` : null}
      <button class="unseen" tabindex="-1" aria-hidden="true">${action}</button>
    </form>
  <//>`;
}

/** Messages that go by themselves. */
export const messages = signal(/** @type {{id: number, text: string, undo?: () => void}[]} */ ([]));
let made = 0;
/** @param {string} text @param {() => void} [undo] */
export function say(text, undo) {
  const id = ++made;
  messages.value = [...messages.value, { id, text, undo }];
  setTimeout(() => (messages.value = messages.value.filter((message) => message.id !== id)), undo ? 12_000 : 6000);
}

/** The next page of a list is loaded by a button, so that the keyboard reaches what is below. @param {any} props */
export function More({ next, load }) {
  const [busy, set] = useState(false);
  if (!next) return null;
  return html`<p class="more"><${Button} disabled=${busy} onClick=${async () => {
    set(true);
    try {
      await load();
    } finally {
      set(false);
    }
  }}>${busy ? t("loading") : t("more")}<//></p>`;
}

// --- what needs somebody

const SECONDS_BETWEEN_COUNTS = 60;
const COUNTS_BETWEEN_RARE_ONES = 5;
/**
 * How many of something there are, counted up to a limit.
 * @typedef {{number: number, more: boolean}} Counted
 * How many things need somebody, by kind; null for what one may not see. Held messages are by pipeline and are counted
 * rarely, never twice at once, and null till then.
 * @typedef {{failed: Counted, in_doubt: Counted, rejected: Counted | null, dead: Counted | null, held: Counted | null}} Troubles
 */

/** @type {Live<Troubles> | null} */
let counting = null;
let counts = 0;
/** @type {Counted | null} */
let held = null;
/** @type {Promise<any> | null} */
let looking = null;
/** What needs somebody, as far as is known. */
export const troubles = signal(/** @type {Troubles | null} */ (null));

/** Count from now on, while the tab is looked at. */
export function countTroubles() {
  counting ??= new Live(async () => (troubles.value = await counted()), SECONDS_BETWEEN_COUNTS);
}
/** Count again at once, after something was settled. */
export const recount = () => counting?.again();
/** A number that is counted: "99+" where there are more. @param {Counted} count */
export const countedText = ({ number: n, more }) => `${number(n)}${more ? "+" : ""}`;

/** All held messages, which are counted on the way. */
export async function heldMessages() {
  const asked = (looking ??= get("/held-messages"));
  const page = await asked.finally(() => looking === asked && (looking = null));
  held = { number: page.items.length, more: false };
  know({ held });
  return page;
}
/** What is being looked at now is out of date. */
export const lookAnew = () => (looking = null);
/** All dead letters; their count lags behind otherwise. */
export async function deadLetters() {
  const letters = await get("/dead-letters");
  know({ dead: { number: letters.items.length, more: false } });
  return letters;
}
/** @param {Partial<Troubles>} fresh */
function know(fresh) {
  const known = troubles.peek();
  const news = { ...known, ...fresh };
  if (known && JSON.stringify(news) !== JSON.stringify(known)) troubles.value = /** @type {Troubles} */ (news);
}

/** @returns {Promise<Troubles>} */
async function counted() {
  const { failed, in_doubt, dead_letters: dead, rejected_requests: rejected } = await get("/troubles");
  if (rejected && counts++ % COUNTS_BETWEEN_RARE_ONES === 0) heldMessages().catch(() => (counts = 0));
  return { failed, in_doubt, dead, rejected, held };
}
