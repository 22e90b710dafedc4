// @ts-check
/** Programs: clients that call the API without a person, one for each role, and how to get their secrets. */
import { get } from "../../lib/api.js";
import { Empty, Panel, Shown, html, moment, t, useLive } from "../../lib/ui.js";
import { Command } from "./parts.js";

export default function Programs() {
  const live = useLive(() => get("/programs"), [], 30);
  return html`<p class="intro">${t("programs intro")}</p>
    <${Shown} live=${live}>${(/** @type {any} */ found) => (found.items.length ? html`<${Clients} found=${found} />` : html`<${Empty} title=${t("programs none")}><p>${t("programs none about")}</p><//>`)}<//>`;
}

/** @param {{found: {items: any[], token_endpoint: string | null}}} props */
function Clients({ found }) {
  const example = found.items[found.items.length - 1];
  return html`<ul class="roster" aria-label=${t("people part programs")}>
      ${found.items.map((one) => html`<li key=${one.client_id}>
        <div><p><b>${t(`role ${one.role}`)}</b> <span class="dim">${one.last_used ? t("programs used", { at: moment(one.last_used) }) : t("programs unused")}</span></p>
        <p class="dim">${t(`people may ${one.role}`)}</p></div>
        <${Command} text=${one.client_id} label=${t("programs client of", { role: t(`role ${one.role}`) })} />
      </li>`)}
    </ul>
    <${Panel} title=${t("programs how")}>
      <h3>${t("programs step secret")}</h3>
      <p>${t("programs step secret about")}</p>
      ${found.items.map((one) => html`<${Command} key=${one.role} text=${`countersign programs secret ${one.role}`} label=${t("programs command", { role: t(`role ${one.role}`) })} />`)}
      <h3>${t("programs step token")}</h3>
      <p>${t("programs step token about")}</p>
      <${Command} text=${`curl -u ${example.client_id}:SECRET -d grant_type=client_credentials ${found.token_endpoint ?? "TOKEN_ENDPOINT"}`} label=${t("programs step token")} />
      <h3>${t("programs step call")}</h3>
      <${Command} text=${`curl -H "authorization: Bearer TOKEN" ${new URL("api/v1/session", location.origin + location.pathname)}`} label=${t("programs step call")} />
      <h3>${t("programs leaked")}</h3>
      <p>${t("programs leaked about")}</p>
    <//>`;
}
