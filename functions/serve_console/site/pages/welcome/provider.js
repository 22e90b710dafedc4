// @ts-check
/** The second step: the pipeline hears of what happens at a provider. */
import { useEffect, useState } from "../../vendor/preact.js";
import { everyOf, get, post, session } from "../../lib/api.js";
import { Button, Failed, Loading, Shown, filter, html, refused, t, to, useLive } from "../../lib/ui.js";
import { Input, Select } from "../../lib/manage.js";
import { Options, Providers, Secret, free, wanted } from "../connections/connect.js";
import { Steps } from "../connections/one.js";
import { keep } from "../connections/state.js";

const FIRST = "docusign";
/** These tell of documents that are there already, and make none. */
const WITHOUT_ENVELOPES = ["incoming_call", "stripe"];

/** @param {{pipeline: string, connection: string | null, open: boolean}} props */
export const Provider = ({ pipeline, connection, open }) =>
  open ? html`<${Choose} pipeline=${pipeline} />` : html`<${Chosen} connection=${connection ?? ""} />`;

/** @param {{pipeline: string}} props */
function Choose({ pipeline }) {
  const live = useLive(async () => {
    const [providers, connections] = await Promise.all([get("/catalogue/providers"), everyOf("/connections")]);
    return { providers: providers.items.filter((/** @type {any} */ provider) => !WITHOUT_ENVELOPES.includes(provider.provider)), connections };
  }, [pipeline], 0);
  return html`<${Shown} live=${live}>${(/** @type {any} */ known) => {
    const own = known.connections.filter((/** @type {any} */ connection) => connection.pipeline === pipeline);
    return html`<${Form} pipeline=${pipeline} ...${known} />${own.length ? html`<${Existing} connections=${own} />` : null}`;
  }}<//>`;
}

/** @param {{pipeline: string, providers: any[], connections: any[]}} props */
function Form({ pipeline, providers, connections }) {
  const [provider, choose] = useState(FIRST);
  const [busy, set] = useState(false);
  const [about, know] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  useEffect(() => {
    let here = true;
    tell(null);
    get(`/catalogue/providers/${encodeURIComponent(provider)}`).then((described) => here && know(described), (error) => here && tell(error));
    return () => {
      here = false;
    };
  }, [provider]);
  const known = about?.provider === provider ? about : null;
  const mine = String(session.value?.name ?? "");
  /** @param {any} event */
  async function submit(event) {
    event.preventDefault();
    if (busy || !known || refused("administrator")) return;
    set(true);
    tell(null);
    try {
      const id = free(provider, connections.map((connection) => connection.id));
      const made = keep(await post("/connections", { ...wanted(new FormData(event.target)), id, pipeline }));
      filter({ connection: made.connection });
    } catch (error) {
      tell(error);
      set(false);
    }
  }
  return html`<form onSubmit=${submit}>
    <${Providers} providers=${providers} value=${provider} choose=${choose} />
    ${known ? html`<${Secret} key=${provider} about=${known} trial />
      ${Object.keys(known.options).length ? html`<details class="spaced"><summary>${t("options of the provider")}</summary><${Options} options=${known.options} /></details>` : null}` : problem ? null : html`<${Loading} />`}
    <${Input} name="domains" label=${t("company domains")} value=${mine.split("@")[1] ?? ""} placeholder="acme.example" help=${t("company domains help")} />
    ${problem ? html`<${Failed} problem=${problem} />` : null}
    <p class="spaced"><${Button} main role="administrator" type="submit" disabled=${busy || !known}>${busy ? t("working") : t("connect it")}<//></p>
  </form>`;
}

/** @param {{connections: any[]}} props */
function Existing({ connections }) {
  const [chosen, choose] = useState(connections[0].id);
  return html`<details class="spaced"><summary>${t("or a connection there is")}</summary>
    <${Select} label=${t("connection")} value=${chosen} choices=${connections.map((connection) => [connection.id, connection.name || connection.id])} onChange=${(/** @type {any} */ event) => choose(event.target.value)} />
    <p><${Button} onClick=${() => filter({ connection: chosen })}>${t("go on with it")}<//></p>
  </details>`;
}

/** @param {{connection: string}} props */
function Chosen({ connection }) {
  const path = `/connections/${encodeURIComponent(connection)}`;
  const live = useLive(async () => {
    const known = await get(path);
    return { known, provider: await get(`/catalogue/providers/${encodeURIComponent(known.provider)}`) };
  }, [connection], 0);
  return html`<${Shown} live=${live}>${(/** @type {any} */ chosen) => html`
    <p><b dir="auto">${chosen.known.name || chosen.known.id}</b> <span class="dim">${chosen.provider.title}</span></p>
    ${chosen.known.waits_for_secret ? html`<p class="note wait spaced">${t("waits about")}</p>` : null}
    ${chosen.known.warnings.map((/** @type {string} */ warning) => html`<p class="note wait spaced" key=${warning}>${warning}</p>`)}
    <details class="spaced"><summary>${t("for real envelopes")}</summary><${Steps} known=${chosen.known} provider=${chosen.provider} path=${path} /></details>
    <p class="row links"><a href=${to(["connections", connection])}>${t("to the connection")}</a>
      <button type="button" class="link" onClick=${() => filter({ connection: "", envelope: "", last: "", document: "" })}>${t("choose again")}</button></p>`}<//>`;
}
