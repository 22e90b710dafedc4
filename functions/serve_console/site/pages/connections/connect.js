// @ts-check
/** Connecting a provider: what the API is told, as its description asks for it. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { everyOf, get, post } from "../../lib/api.js";
import { Failed, FormDialog, Loading, html, t, textOr } from "../../lib/ui.js";
import { Input, Select, asList } from "../../lib/manage.js";
import { slug } from "../../lib/slug.js";
import { keep } from "./state.js";

/** @param {{close: () => void, done: (connected: any) => void, pipeline?: string | null}} props */
export function Connect({ close, done, pipeline }) {
  const [known, know] = useState(/** @type {{providers: any[], pipelines: any[], taken: string[]} | null} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [provider, choose] = useState("");
  useEffect(() => {
    Promise.all([get("/catalogue/providers"), everyOf("/pipelines"), everyOf("/connections")]).then(
      ([providers, pipelines, connections]) => know({ providers: providers.items, pipelines, taken: connections.map((connection) => connection.id) }),
      tell,
    );
  }, []);
  const made = useRef(/** @type {any} */ (null));
  const finish = () => (made.current ? done(made.current) : close());
  return html`<${FormDialog} title=${t("connect")} action=${t("connect it")} close=${finish} submit=${async (/** @type {FormData} */ form) => {
    made.current = keep(await post("/connections", wanted(form)));
  }}>
    ${problem ? html`<${Failed} problem=${problem} />` : known === null ? html`<${Loading} />` : html`
      <p class="dim spaced">${t("connect about")}</p>
      <${Providers} providers=${known.providers} value=${provider} choose=${choose} />
      ${known.pipelines.length ? html`<${Select} name="pipeline" label=${t("pipeline")} required value=${pipeline ?? known.pipelines[0].pipeline} choices=${known.pipelines.map((row) => [row.pipeline, row.name || row.pipeline])} />` : html`<p class="note wait" role="alert">${t("pipeline first")}</p>`}
      ${provider ? html`<${OfProvider} key=${provider} provider=${provider} id=${free(provider, known.taken)} />` : null}`}
  <//>`;
}

/** The providers to choose from, found by a part of their name. @param {{providers: any[], value: string, choose: (provider: string) => void}} props */
export function Providers({ providers, value, choose }) {
  const [words, type] = useState("");
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const chosen = list.current?.querySelector(":checked")?.closest("label");
    if (chosen && list.current) list.current.scrollTop = chosen.offsetTop - list.current.offsetTop - 8;
  }, []);
  const folded = words.trim().toLocaleLowerCase();
  const matching = providers.filter((provider) => provider.title.toLocaleLowerCase().includes(folded));
  const shown = providers.filter((provider) => provider.provider === value || matching.includes(provider));
  return html`<fieldset class="picker"><legend>${t("provider")}</legend>
    <input class="input" type="search" aria-label=${t("find provider")} placeholder=${t("find provider")} value=${words}
      onInput=${(/** @type {any} */ event) => type(event.target.value)}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        if (matching.length) choose(matching[0].provider);
      }} />
    <div class="picks" ref=${list}>${shown.map((provider) => html`<label key=${provider.provider} class="pick">
      <input type="radio" name="provider" value=${provider.provider} required checked=${provider.provider === value} onChange=${() => choose(provider.provider)} />
      <span><b>${provider.title}</b> <span class="dim">${textOr(`proof ${provider.authenticity}`, provider.authenticity)}</span></span>
    </label>`)}</div>
    <p class="dim" role="status">${matching.length ? "" : t("no provider found")}</p>
  </fieldset>`;
}

/** @param {{provider: string, id: string}} props */
function OfProvider({ provider, id }) {
  const [about, know] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  useEffect(() => {
    get(`/catalogue/providers/${encodeURIComponent(provider)}`).then(know, tell);
  }, []);
  if (problem) return html`<${Failed} problem=${problem} />`;
  if (!about) return html`<${Loading} />`;
  return html`
    <${Input} name="id" label=${t("id")} value=${id} required maxlength="64" pattern="[a-z0-9][a-z0-9_\\-]*" help=${t("id help")} />
    <${Input} name="name" label=${t("name")} maxlength="200" help=${t("optional")} />
    <${Secret} about=${about} />
    <${Input} name="domains" label=${t("company domains")} placeholder="acme.example" help=${t("company domains help")} />
    <${Options} options=${about.options} />
    ${about.api_support.length ? html`<details class="spaced"><summary>${t("api access")}</summary>
      <p class="dim spaced">${t("api access about")} <span>${about.api_support.join(", ")}</span></p>
      <${ApiAccess} about=${about} />
    </details>` : null}`;
}

/** @param {{about: any}} props */
export const ApiAccess = ({ about }) => html`
  <${Input} name="api_token" type="password" autocomplete="off" maxlength="2000" label=${t("api token")} help=${html`${t("api token is")} <span>${about.credential}</span>`} />
  <${Input} name="api_url" type="url" maxlength="500" label=${t("api address")} help=${t("api address help")} />`;

/**
 * The secret that messages are proved with: made here, given, or not known yet. `trial` proposes one to try with.
 * @param {{about: any, trial?: boolean}} props
 */
export function Secret({ about, trial = false }) {
  const by = about.secrets_chosen_by;
  const own = by === "you" || by === "either";
  const [how, set] = useState(own ? "generate" : trial ? "trial" : "later");
  if (by === "nobody") return html`<p class="dim spaced">${t("secret by nobody", { provider: about.title })}</p>`;
  const ways = own ? ["generate", "paste"] : trial ? ["trial", "paste"] : ["later", "paste", "trial"];
  return html`
    <${Select} name="how" label=${t("secret")} value=${how} help=${textOr(`secret ${how} help`, "")} onChange=${(/** @type {any} */ event) => set(event.target.value)}
      choices=${ways.map((way) => [way, t(`secret ${way}`)])} />
    ${how === "paste" ? html`<${Input} name="secret" type="password" autocomplete="off" required maxlength="2000" label=${t("secret value")} />` : null}`;
}

/** The options of a provider, named option:NAME. @param {{options: Record<string, string>}} props */
export const Options = ({ options }) => html`${Object.entries(options).map(([name, help]) => html`<${Input} key=${name} name=${`option:${name}`} label=${name} help=${html`<span>${help}</span>`} />`)}`;

/** @param {FormData} form */
export const optionsIn = (form) =>
  Object.fromEntries([...form].filter(([name, value]) => name.startsWith("option:") && value).map(([name, value]) => [name.slice(7), String(value)]));

/** A connection as the API is asked for it. @param {FormData} form */
export function wanted(form) {
  const text = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
  const secret = form.get("how") === "trial" ? random() : text("secret");
  return {
    id: text("id"),
    provider: text("provider"),
    pipeline: text("pipeline"),
    ...(text("name") ? { name: text("name") } : {}),
    ...(text("domains") ? { parties: { company_domains: asList(text("domains")) } } : {}),
    options: optionsIn(form),
    secrets: secret ? [secret] : [],
    generate: form.get("how") === "generate",
    ...(text("api_token") ? { api_token: text("api_token") } : {}),
    ...(text("api_url") ? { api_url: text("api_url") } : {}),
  };
}

/** 240 bits nobody can guess, in letters that Base64 has too. */
const random = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(30))));

/** An id that no connection has. @param {string} provider @param {string[]} taken */
export function free(provider, taken) {
  const first = slug(provider);
  if (!taken.includes(first)) return first;
  let number = 2;
  while (taken.includes(`${first}-${number}`)) number++;
  return `${first}-${number}`;
}
