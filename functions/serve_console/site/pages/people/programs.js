// @ts-check
/** Programs: clients that call the API without a person, one for each role, and how to get their secrets. */
import { get } from "../../lib/api.js";
import { Empty, Panel, Shown, html, moment, t, useLive } from "../../lib/ui.js";
import { Command } from "./parts.js";

export default function Programs() {
  const live = useLive(() => get("/programs"), [], 30);
  return html`<p class="intro">${t("programs intro")}</p>
    <${Shown} live=${live}>${(/** @type {any} */ programs) => (programs.items.length ? html`<${Clients} programs=${programs} />` : html`<${Empty} title=${t("programs none")}><p>${t("programs none about")}</p><//>`)}<//>`;
}

/** @param {{programs: {items: any[], token_endpoint: string | null}}} props */
function Clients({ programs }) {
  const example = programs.items[programs.items.length - 1];
  return html`<ul class="roster" aria-label=${t("people part programs")}>
      ${programs.items.map((program) => html`<li key=${program.client_id}>
        <div><p><b>${t(`role ${program.role}`)}</b> <span class="dim">${program.last_used ? t("programs used", { at: moment(program.last_used) }) : t("programs unused")}</span></p>
        <p class="dim">${t(`people may ${program.role}`)}</p></div>
        <${Command} text=${program.client_id} label=${t("programs client of", { role: t(`role ${program.role}`) })} />
      </li>`)}
    </ul>
    <${Panel} title=${t("programs how")}>
      <h3>${t("programs step secret")}</h3>
      <p>${t("programs step secret about")}</p>
      ${programs.items.map((program) => html`<${Command} key=${program.role} text=${`countersign programs secret ${program.role}`} label=${t("programs command", { role: t(`role ${program.role}`) })} />`)}
      <h3>${t("programs step token")}</h3>
      <p>${t("programs step token about")}</p>
      <${Command} text=${`curl -u ${example.client_id}:SECRET -d grant_type=client_credentials ${programs.token_endpoint ?? "TOKEN_ENDPOINT"}`} label=${t("programs step token")} />
      <h3>${t("programs step call")}</h3>
      <${Command} text=${`curl -H "authorization: Bearer TOKEN" ${new URL("api/v1/session", location.origin + location.pathname)}`} label=${t("programs step call")} />
      <h3>${t("programs leaked")}</h3>
      <p>${t("programs leaked about")}</p>
    <//>`;
}
