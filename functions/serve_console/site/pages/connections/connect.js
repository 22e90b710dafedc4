// @ts-check
/** Connecting a provider: what the API is told, as its description asks for it. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { get, post } from "../../lib/api.js";
import { Failed, FormDialog, Loading, html, t } from "../../lib/ui.js";
import { Input, Select, asList, slug } from "../../lib/manage.js";
import { keep } from "./state.js";

/** @param {{taken: string[], close: () => void, done: (connected: any) => void, pipeline?: string}} props */
export function Connect({ taken, close, done, pipeline }) {
  const [known, know] = useState(/** @type {{providers: any[], pipelines: any[]} | null} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [provider, choose] = useState("");
  useEffect(() => {
    Promise.all([get("/catalogue/providers"), get("/pipelines", { limit: 100 })]).then(
      ([providers, pipelines]) => know({ providers: providers.items, pipelines: pipelines.items }),
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
      <${Select} name="provider" label=${t("provider")} required value=${provider}
        choices=${[["", t("choose provider")], ...known.providers.map((one) => [one.provider, one.title])]}
        onChange=${(/** @type {any} */ event) => choose(event.target.value)} />
      ${known.pipelines.length ? html`<${Select} name="pipeline" label=${t("pipeline")} required value=${pipeline ?? known.pipelines[0].pipeline} choices=${known.pipelines.map((one) => [one.pipeline, one.name])} />` : html`<p class="help error" role="alert">${t("pipeline first")}</p>`}
      ${provider ? html`<${OfProvider} key=${provider} provider=${provider} id=${free(provider, taken)} />` : null}`}
  <//>`;
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
    <${Input} name="id" label=${t("id")} value=${id} required maxlength="200" pattern="[a-z0-9][a-z0-9_\\-]*" help=${t("id help")} />
    <${Input} name="name" label=${t("name")} maxlength="200" help=${t("optional")} />
    <${Secret} about=${about} />
    <${Input} name="domains" label=${t("company domains")} placeholder="acme.example" help=${t("company domains help")} />
    <${Options} options=${about.options} />
    ${about.api_support.length ? html`<details class="spaced"><summary>${t("api access")}</summary>
      <p class="dim spaced">${t("api access about", { what: about.api_support.join(", ") })}</p>
      <${Input} name="api_token" type="password" autocomplete="off" label=${t("api token")} help=${t("api token is", { what: about.credential })} />
      <${Input} name="api_url" type="url" label=${t("api address")} help=${t("api address help")} />
    </details>` : null}`;
}

/** @param {{about: any}} props */
function Secret({ about }) {
  const by = about.secrets_chosen_by;
  const own = by === "you" || by === "either";
  const [how, set] = useState(own ? "generate" : "paste");
  if (by === "nobody") return html`<p class="dim spaced">${t("secret by nobody", { provider: about.title })}</p>`;
  return html`
    ${own ? html`<${Select} name="how" label=${t("secret")} value=${how} onChange=${(/** @type {any} */ event) => set(event.target.value)}
      choices=${[["generate", t("secret generate")], ["paste", t("secret paste")]]} />` : null}
    ${how === "paste" ? html`<${Input} name="secret" type="password" autocomplete="off" maxlength="2000" label=${own ? t("secret value") : t("secret")} help=${t(own ? "optional" : "secret by provider")} />` : null}`;
}

/** The options of a provider, named option:NAME. @param {{options: Record<string, string>}} props */
export const Options = ({ options }) => html`${Object.entries(options).map(([name, help]) => html`<${Input} key=${name} name=${`option:${name}`} label=${name} help=${html`<span lang="en">${help}</span>`} />`)}`;

/** @param {FormData} form */
export const optionsIn = (form) =>
  Object.fromEntries([...form].filter(([name, value]) => name.startsWith("option:") && value).map(([name, value]) => [name.slice(7), String(value)]));

/** @param {FormData} form */
function wanted(form) {
  const text = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
  const secret = text("secret");
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

/** @param {string} provider @param {string[]} taken */
function free(provider, taken) {
  const first = slug(provider);
  if (!taken.includes(first)) return first;
  let number = 2;
  while (taken.includes(`${first}-${number}`)) number++;
  return `${first}-${number}`;
}
