// @ts-check
/**
 * The API: signing in, calling, and what is seen again and again while the tab is looked at.
 *
 * Tokens are in memory alone. A reload signs in again through the pool's own session.
 */
import { effect, signal } from "../vendor/preact.js";

const BASE = "api/v1";
const SOON = 60_000;
const CHANNEL = "countersign.sign-in";
/** Milliseconds in which a tab that waits for a sign-in takes it. */
const TAKEN_WITHIN = 5_000;
/** @type {string} Where the console is, without what it shows. */
const HERE = location.origin + location.pathname;

/** @type {{access: string, refresh: string | null, ends: number} | null} */
let tokens = null;
/** @type {{sign_in_url: string, client_id: string, scopes: string[]} | null} */
let place = null;
/** @type {Promise<void> | null} */
let renewing = null;

/** What the API says of who is signed in; null until it is known. */
export const session = signal(/** @type {any} */ (null));
/** Whether calls come through: "online", "offline", or "expired" while somebody must sign in. */
export const connection = signal("online");

/** What the API answered that was not a success (RFC 9457), or that nothing answered (status 0). */
export class Problem extends Error {
  /** @param {number} status @param {any} body @param {string | null} etag */
  constructor(status, body, etag = null) {
    super(body?.detail || body?.title || body?.message || `status ${status}`);
    this.status = status;
    this.type = String(body?.type ?? "").split(":").pop() ?? "";
    this.title = body?.title ?? "";
    this.errors = body?.errors ?? [];
    this.requestId = body?.request_id ?? null;
    this.present = body?.present ?? null;
    this.role = body?.role ?? null;
    this.etag = etag;
  }
}

/** Whether what went wrong may go by itself. @param {any} error */
export const passes = (error) => !(error instanceof Problem) || error.status === 0 || error.status === 429 || error.status >= 500;

/** How many times a call is sent again at once for what it was answered. @param {string} method @param {number} status */
const triesFor = (method, status) => (status === 429 ? 4 : method === "GET" && status >= 500 ? 2 : 0);

/** A call: what the API answers, with its ETag. @param {string} method @param {string} path */
export async function call(method, path, { body, etag, key, known, query, signal: stop } = /** @type {any} */ ({})) {
  for (let attempt = 0; ; attempt++) {
    await ready();
    const answer = await sent(method, path, { body, etag, key, known, query, stop });
    if (answer.status === 401 && attempt === 0) {
      await renew();
      continue;
    }
    if (attempt < triesFor(method, answer.status)) {
      await sleep(300 * 2 ** attempt + Math.random() * 200);
      continue;
    }
    return await read(answer);
  }
}

/** What was read last, by its address: it is not sent again while it is the same. @type {Map<string, {etag: string, value: any}>} */
const known = new Map();
const KNOWN = 100;

/** @param {string} path @param {any} [query] */
export async function get(path, query) {
  const address = `${document.documentElement.lang} ${path} ${JSON.stringify(query ?? null)}`;
  const before = known.get(address);
  const { value, etag, same } = await call("GET", path, { query, known: before?.etag });
  if (same && before) return before.value;
  known.delete(address);
  if (etag?.startsWith("W/")) known.set(address, { etag, value });
  if (known.size > KNOWN) known.delete(known.keys().next().value ?? "");
  return value;
}
/** A POST that is safe to send again. @param {string} path @param {any} [body] */
export const post = async (path, body) => (await call("POST", path, { body, key: crypto.randomUUID() })).value;

/** Pages of a list that are read for one, where much of what is read is filtered out. */
const MOST_SHORT = 5;
/** A page of a list that has something on it, where there is anything: one of the API's may be short. @param {string} path @param {any} query @param {number} least */
export async function filled(path, query, least) {
  let page = await get(path, query);
  const items = [...page.items];
  for (let tries = 1; page.next && items.length < least && tries < MOST_SHORT; tries++) {
    page = await get(path, { ...query, cursor: page.next });
    items.push(...page.items);
  }
  return { items, next: page.next };
}

/**
 * The items of a list, page by page, until its end or until there are `most`.
 *
 * `progress` hears how many there are so far; `stop` ends it with what there is. @param {(cursor: string | null) => Promise<{items: any[], next: string | null}>} page
 * @param {{most?: number, progress?: (number: number) => void, stop?: AbortSignal}} [how]
 */
export async function whole(page, { most = Infinity, progress, stop } = {}) {
  /** @type {any[]} */ const items = [];
  /** @type {string | null} */ let next = null;
  do {
    const part = await page(next);
    items.push(...part.items);
    next = part.next ?? null;
    progress?.(items.length);
  } while (next && items.length < most && !stop?.aborted);
  return { items, next };
}

const MOST_TO_CHOOSE = 10_000;
/** All items of a list that somebody chooses from. @param {string} path @param {any} [query] @returns {Promise<any[]>} */
export const everyOf = async (path, query) => (await whole((cursor) => get(path, { ...query, limit: 100, cursor }), { most: MOST_TO_CHOOSE })).items;

/** Null for what there is not; any other failure stays one. @param {any} error */
export function absent(error) {
  if (error.status === 404) return null;
  throw error;
}

async function sent(method, path, { body, etag, key, known, query, stop }) {
  const url = new URL(`${BASE}${path}`, HERE);
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const element of Array.isArray(value) ? value : [value]) {
      if (element !== null && element !== undefined && element !== "") url.searchParams.append(name, String(element));
    }
  }
  /** @type {Record<string, string>} */
  const headers = { authorization: `Bearer ${tokens?.access}`, "accept-language": document.documentElement.lang };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (etag) headers["if-match"] = etag;
  if (known) headers["if-none-match"] = known;
  if (key) headers["idempotency-key"] = key;
  try {
    const answer = await fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: stop,
    });
    connection.value = "online";
    return answer;
  } catch (error) {
    if (stop?.aborted) throw error;
    connection.value = "offline";
    throw new Problem(0, { type: "offline" });
  }
}

async function read(answer) {
  if (answer.status === 304) return { value: null, etag: answer.headers.get("etag"), location: null, same: true };
  const text = await answer.text();
  const etag = answer.headers.get("etag");
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    throw new Problem(answer.status, { title: text.slice(0, 200) }, etag);
  }
  if (!answer.ok) throw new Problem(answer.status, value, etag);
  return { value, etag, location: answer.headers.get("location"), same: false };
}

/** Wait until there is a token that lasts. */
async function ready() {
  if (!tokens || tokens.ends - Date.now() < SOON) await renew();
}

function renew() {
  renewing ??= renewed().finally(() => (renewing = null));
  return renewing;
}

async function renewed() {
  const known = await where();
  if (tokens?.refresh) {
    const answer = await token(known, { grant_type: "refresh_token", refresh_token: tokens.refresh });
    if (answer) return;
  }
  connection.value = "expired";
  // What is on the page stays there, with what was typed; while there is nothing, this page goes.
  if (session.peek()) await signedInElsewhere(known);
  else await leave(known);
}

async function where() {
  if (place) return place;
  try {
    const answer = await fetch(new URL(`${BASE}/sign-in`, HERE));
    if (!answer.ok) throw new Problem(answer.status, null);
    place = await answer.json();
  } catch (error) {
    connection.value = "offline";
    throw error instanceof Problem ? error : new Problem(0, { type: "offline" });
  }
  return /** @type {NonNullable<typeof place>} */ (place);
}

/** A sign-in at the pool's pages: where to, and what proves that what comes back is of it. @param {any} known */
async function begun(known) {
  const verifier = random(48);
  const state = random(16);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const url = new URL(`${known.sign_in_url}/oauth2/authorize`);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: known.client_id,
    redirect_uri: HERE,
    scope: known.scopes.join(" "),
    state,
    code_challenge: plain(new Uint8Array(digest)),
    code_challenge_method: "S256",
    lang: document.documentElement.lang,
  }).toString();
  return { verifier, state, url };
}

/** Go to the pool's pages; this page ends here. @param {any} known @returns {Promise<never>} */
async function leave(known) {
  const { url, ...kept } = await begun(known);
  remember({ ...kept, hash: location.hash });
  location.assign(url);
  return new Promise(() => {});
}

/** Where somebody signs in again in another tab. @type {URL | null} */
let elsewhere = null;
export const signInElsewhere = () => window.open(elsewhere ?? HERE, "_blank");

/** Wait for a sign-in in another tab, which gives its code here. @param {any} known */
async function signedInElsewhere(known) {
  const { verifier, state, url } = await begun(known);
  const channel = new BroadcastChannel(CHANNEL);
  elsewhere = url;
  await new Promise((done) => {
    channel.onmessage = async ({ data }) => {
      if (data.state !== state || !(await exchanged(known, data.code, verifier))) return;
      channel.postMessage({ taken: state });
      done(null);
    };
  });
  channel.close();
  const me = await (await sent("GET", "/session", /** @type {any} */ ({}))).json();
  if (me.name !== session.peek().name) location.reload(); // what is on the page is of somebody else
}

/** Give a code to the tab that waits for it; whether one does. @param {string} code @param {string | null} state */
async function given(code, state) {
  const channel = new BroadcastChannel(CHANNEL);
  const taken = new Promise((done) => {
    channel.onmessage = ({ data }) => data.taken === state && done(true);
  });
  channel.postMessage({ code, state });
  const grant = await Promise.race([taken, sleep(TAKEN_WITHIN)]);
  channel.close();
  return grant === true;
}

/** @param {any} known @param {string} code @param {string} verifier */
const exchanged = (known, code, verifier) =>
  token(known, { grant_type: "authorization_code", code, redirect_uri: HERE, code_verifier: verifier });

/**
 * Take up what the pool's pages sent back, if they did; the address is as it was before.
 *
 * False where it was for another tab, which has it now: this one is done.
 */
export async function arrive() {
  const back = new URLSearchParams(location.search);
  const code = back.get("code");
  if (!code && !back.get("error")) return true;
  const began = recall();
  history.replaceState(null, "", HERE + (began?.hash ?? location.hash));
  if (back.get("error")) throw new Problem(401, { title: back.get("error_description") || back.get("error") });
  if (!began && (await given(String(code), back.get("state")))) return false;
  if (!began || began.state !== back.get("state")) return true; // it was begun elsewhere: sign in anew
  await exchanged(await where(), String(code), began.verifier);
  return true;
}

/** @param {any} known @param {Record<string, any>} form */
async function token(known, form) {
  let answer;
  try {
    answer = await fetch(`${known.sign_in_url}/oauth2/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ client_id: known.client_id, ...form }).toString(),
    });
  } catch {
    connection.value = "offline";
    throw new Problem(0, { type: "offline" });
  }
  if (!answer.ok) {
    tokens = null;
    return false;
  }
  const got = await answer.json();
  const refresh = got.refresh_token ?? tokens?.refresh ?? null;
  tokens = { access: got.access_token, refresh, ends: Date.now() + got.expires_in * 1000 };
  connection.value = "online";
  return true;
}

/** Sign out here and at the pool. */
export async function signOut() {
  const known = await where();
  tokens = null;
  const url = new URL(`${known.sign_in_url}/logout`);
  url.search = new URLSearchParams({ client_id: known.client_id, logout_uri: HERE }).toString();
  location.assign(url);
}

// Only what a sign-in needs to be taken up again is stored, and no token: for this tab, until it is back.
const STORED = "countersign.sign-in";
function remember(what) {
  try {
    sessionStorage.setItem(STORED, JSON.stringify(what));
  } catch {
    /* storage is switched off: the sign-in starts anew when it is back, and then says so */
  }
}
function recall() {
  try {
    const text = sessionStorage.getItem(STORED);
    sessionStorage.removeItem(STORED);
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** @param {number} bytes */
const random = (bytes) => plain(crypto.getRandomValues(new Uint8Array(bytes)));
/** @param {Uint8Array} bytes */
const plain = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
/** @param {number} milliseconds */
export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Milliseconds until what could not be loaded is asked for again, where that may help. */
const RETRY = 4000;

/**
 * What a path answers, seen again every few seconds while the tab is looked at.
 *
 * A failure keeps what was there, and is tried again. `again()` looks at once. @template T
 */
export class Live {
  /** @param {() => Promise<T>} load @param {number} every Seconds; 0 for once. */
  constructor(load, every = 5) {
    this.value = signal(/** @type {T | null} */ (null));
    this.problem = signal(/** @type {any} */ (null));
    this.loading = signal(true);
    this._load = load;
    this._every = every * 1000;
    this._number = 0;
    /** @type {any} */ this._timer = null;
    this._seen = () => document.visibilityState === "visible" && this.again();
    document.addEventListener("visibilitychange", this._seen);
    this.again();
  }
  async again() {
    const number = ++this._number;
    clearTimeout(this._timer);
    let pause = this._every;
    try {
      const value = await this._load();
      if (number !== this._number) return;
      this.problem.value = null;
      if (JSON.stringify(value) !== JSON.stringify(this.value.peek())) this.value.value = value;
    } catch (error) {
      if (number !== this._number) return;
      this.problem.value = error;
      if (passes(error)) pause ||= RETRY;
    }
    this.loading.value = false;
    if (pause && document.visibilityState === "visible") {
      this._timer = setTimeout(() => this.again(), pause);
    }
  }
  end() {
    this._number++;
    clearTimeout(this._timer);
    document.removeEventListener("visibilitychange", this._seen);
  }
}

effect(() => {
  document.documentElement.dataset.connection = connection.value;
});
