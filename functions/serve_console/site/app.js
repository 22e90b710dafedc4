// @ts-check
/** The frame of the console: who is signed in, where one can go, and the page that the address names. */
import { Fragment, h, html, render, signal, useEffect, useErrorBoundary, useState } from "./vendor/preact.js";
import { arrive, connection, get, session, signInElsewhere, signOut } from "./lib/api.js";
import { Button, Dialog, Failed, Loading, PageHead, countTroubles, countedText, lang, learn, messages, refused, reread, route, speak, store, t, to, troubles, wanted } from "./lib/ui.js";

/**
 * The pages by the first part of their address; those with `menu` stand in it, in this order.
 *
 * Those with `texts` have their own, in texts/PAGE.LANGUAGE.js; the first screens' are in the frame's. With `shares`,
 * those of other files as well. `style` is a style sheet for the page alone, which the frame names by `at-PAGE`.
 * @type {Record<string, {menu?: boolean, role?: string, texts?: boolean, shares?: string[], style?: string}>}
 */
const PAGES = {
  board: { menu: true },
  documents: { menu: true, texts: true, shares: ["runs", "words"], style: "documents" },
  automation: { menu: true, texts: true, shares: ["words"], style: "automation" },
  calendar: { menu: true, texts: true, shares: ["runs"], style: "runs" },
  inbox: { menu: true, texts: true, shares: ["runs"], style: "runs" },
  tasks: { menu: true, texts: true, shares: ["runs"], style: "runs" },
  connections: { menu: true, texts: true, style: "connections" },
  statistics: { menu: true, texts: true, style: "people" },
  people: { menu: true, texts: true, shares: ["runs"], style: "people" },
  welcome: { texts: true, style: "connections" },
  changes: { texts: true, shares: ["runs", "words"], style: "changes" },
};

/** Modules of pages that are loaded. @type {import("./vendor/preact.js").Signal<Record<string, any>>} */
const loaded = signal(/** @type {Record<string, any>} */ ({}));
const trouble = signal(/** @type {any} */ (null));
const searching = signal(false);

function Frame() {
  const { parts } = route.value;
  const name = parts[0] && parts[0] in PAGES ? parts[0] : parts[0] ? null : "board";
  return html`<${Fragment}>
    <a class="skip" href="#main" onClick=${(/** @type {Event} */ event) => {
      event.preventDefault();
      document.querySelector("h1")?.focus();
    }}>${t("skip")}</a>
    <header class="top">
      <a class="brand" href=${to([])}>Countersign</a>
      <${Menu} name=${name} />
      <span class="grow"></span>
      <${Button} quiet title=${t("search hint")} aria-label=${t("search")} onClick=${() => (searching.value = true)}>
        <kbd>${/Mac|iP/.test(navigator.platform) ? "⌘K" : t("ctrl k")}</kbd>
      <//>
      <${Account} />
    </header>
    ${connection.value === "offline" ? html`<p class="banner" role="status">${t("offline")}</p>` : null}
    <main id="main" class=${`at-${name ?? "nowhere"}`}><${Page} key=${name ?? "?"} name=${name} /></main>
    <div class="messages" role="status" aria-live="polite">
      ${messages.value.map((message) => html`<p key=${message.id}>${message.text}${message.undo ? html` <button type="button" class="link" onClick=${message.undo}>${t("undo")}</button>` : null}</p>`)}
    </div>
    ${searching.value ? html`<${Palette} />` : null}
    ${connection.value === "expired" ? html`<${Expired} />` : null}
  <//>`;
}

/** Above all else, so that dialogs that are open keep what was typed into them. */
function Expired() {
  const [later, put] = useState(false);
  if (later) return html`<p class="banner row" role="alert">${t("expired")} <${Button} onClick=${signInElsewhere}>${t("sign in again")}<//></p>`;
  return html`<${Dialog} title=${t("expired title")} close=${() => put(true)} closing=${t("later")} actions=${html`<${Button} main onClick=${signInElsewhere}>${t("sign in again")}<//>`}>
    <p>${t("expired")}</p>
  <//>`;
}

/** @param {{name: string | null}} props */
function Menu({ name }) {
  return html`<nav aria-label=${t("menu")}>
    ${Object.entries(PAGES).filter(([, page]) => page.menu).map(([page]) =>
      html`<a key=${page} href=${to([page])} aria-current=${page === name ? "page" : undefined}>${t(`page ${page}`)}${page === "inbox" ? html`<${Count} />` : null}</a>`)}
  </nav>`;
}

/** How many things in the inbox need somebody. */
function Count() {
  const all = Object.values(troubles.value ?? {}).filter((value) => value !== null);
  const sum = all.reduce((before, count) => before + count.number, 0);
  return sum ? html` <span class="count">${countedText({ number: sum, more: all.some((count) => count.more) })}<span class="unseen"> ${t("need somebody", { n: sum })}</span></span>` : null;
}

function Account() {
  const me = session.value;
  return html`<details class="account">
    <summary>${me.name.split("@")[0]} · ${t(`role ${me.role}`)}</summary>
    <div class="sheet">
      <p>${me.name}</p>
      <p class="dim">${t("languages")}</p>
      <p class="row">
        ${["en", "de"].map((language) => html`<button type="button" key=${language} class="button quiet" lang=${language} aria-pressed=${lang() === language} onClick=${async () => {
          store("countersign.language", language);
          await speak(language);
          draw();
        }}>${language === "de" ? "Deutsch" : "English"}</button>`)}
      </p>
      <p><button type="button" class="link" onClick=${signOut}>${t("sign out")}</button></p>
      <p class="dim">${t("version", { version: me.version })}</p>
    </div>
  </details>`;
}

/** @param {{name: string | null}} props */
function Page({ name }) {
  const [error, reset] = useErrorBoundary();
  const module = name ? loaded.value[name] : null;
  useEffect(() => {
    if (name && !loaded.peek()[name]) load(name);
  }, [name]);
  if (error) return html`<${Failed} problem=${error} again=${reset} />`;
  if (!name) return html`<div class="page"><${PageHead} title=${t("not found")} /><p><a href=${to([])}>${t("to the board")}</a></p></div>`;
  const role = PAGES[name].role;
  const why = role ? refused(role) : null;
  if (why) return html`<div class="page"><${PageHead} title=${t(`page ${name}`)} /><p>${why}</p></div>`;
  if (!module) return trouble.value ? html`<${Failed} problem=${trouble.value} again=${() => load(name)} />` : html`<${Loading} />`;
  return h(module.default, {});
}

/** @param {string} name */
async function load(name) {
  try {
    const [module] = await Promise.all([
      import(`./pages/${name}.js`),
      PAGES[name]?.texts ? learn(name) : null,
      ...(PAGES[name]?.shares ?? []).map(learn),
      PAGES[name]?.style ? styled(PAGES[name].style) : null,
    ]);
    loaded.value = { ...loaded.peek(), [name]: module };
    trouble.value = null;
  } catch (error) {
    trouble.value = error;
  }
}

/** Load the style sheet of a page, once. @param {string} name @returns {Promise<void> | undefined} */
function styled(name) {
  const href = new URL(`./pages/${name}.css`, import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return undefined;
  return new Promise((done, fail) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    link.onload = () => done();
    link.onerror = () => {
      link.remove();
      fail(new Error(href));
    };
    document.head.append(link);
  });
}

function Palette() {
  const module = loaded.value.palette;
  useEffect(() => {
    if (!module) load("palette");
  }, []);
  return module ? h(module.default, { pages: Object.keys(PAGES), close: () => (searching.value = false) }) : null;
}

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    searching.value = !searching.value;
  }
});

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
function draw() {
  root.replaceChildren();
  render(html`<${Frame} key=${lang()} />`, root);
}

/** The sign-in was another tab's, which goes on with it. */
function finish() {
  window.close();
  render(html`<main class="page narrow"><h1 tabindex="-1">Countersign</h1><p>${t("signed in elsewhere")}</p></main>`, root);
}

async function start() {
  await speak(wanted());
  try {
    if (!(await arrive())) return finish();
    reread();
    session.value = await get("/session");
    draw();
    countTroubles();
  } catch (error) {
    root.replaceChildren();
    const problem = /** @type {any} */ (error);
    const nobody = problem?.type === "not-allowed";
    render(
      html`<main class="page narrow"><h1 tabindex="-1">Countersign</h1>
        ${nobody ? html`<p>${t("no role")}</p>` : html`<${Failed} problem=${problem} again=${start} />`}
        ${nobody ? html`<p><${Button} onClick=${signOut}>${t("sign out")}<//></p>` : null}
      </main>`,
      root,
    );
  }
}
start();
