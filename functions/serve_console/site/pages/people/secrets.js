// @ts-check
/** Secrets that rules use by name: set, replaced and removed, and never shown. */
import { useState } from "../../vendor/preact.js";
import { Problem, call, get } from "../../lib/api.js";
import { Button, Empty, Field, FormDialog, Shown, html, say, t, useLive } from "../../lib/ui.js";

export default function Secrets() {
  const live = useLive(() => get("/secrets"), [], 15);
  const [asking, ask] = useState(/** @type {{what: string, name?: string} | null} */ (null));
  const close = () => ask(null);
  const again = () => live.again();
  const names = (live.value.value?.items ?? []).map((/** @type {any} */ secret) => secret.name);
  return html`<p class="intro">${t("secrets intro")}</p>
    <div class="row bar-of"><span class="grow"></span><${Button} main role="administrator" onClick=${() => ask({ what: "set" })}>${t("secrets add")}<//></div>
    <${Shown} live=${live}>${() => (names.length ? html`<${Table} names=${names} ask=${ask} />` : html`<${Empty} title=${t("secrets none")}><p>${t("secrets none about")}</p><//>`)}<//>
    ${asking?.what === "set" ? html`<${Put} name=${asking.name} ...${{ names, close, again }} />` : null}
    ${asking?.what === "remove" ? html`<${FormDialog} danger title=${t("secrets remove name", { name: asking.name })} action=${t("people remove")} close=${close} submit=${async () => {
      await call("DELETE", `/secrets/${encodeURIComponent(String(asking.name))}`);
      say(t("secrets removed", { name: asking.name }));
      again();
    }}><p class="intro">${t("secrets remove about")}</p><//>` : null}`;
}

/** @param {{names: string[], ask: (what: any) => void}} props */
const Table = ({ names, ask }) => html`<ul class="roster" aria-label=${t("people part secrets")}>
  ${names.map((name) => html`<li key=${name}>
    <p><b>${name}</b> <span class="dim">${t("secrets hidden")}</span></p>
    <div class="row">
      <${Button} role="administrator" onClick=${() => ask({ what: "set", name })}>${t("secrets replace …")}<span class="unseen"> ${name}</span><//>
      <${Button} role="administrator" onClick=${() => ask({ what: "remove", name })}>${t("people remove …")}<span class="unseen"> ${name}</span><//>
    </div>
  </li>`)}
</ul>`;

/** @param {{name?: string, names: string[], close: () => void, again: () => void}} props */
function Put({ name, names, close, again }) {
  const [wanted, want] = useState(name ?? "");
  const taken = !name && names.includes(wanted.trim());
  return html`<${FormDialog} title=${name ? t("secrets replace name", { name }) : t("secrets add")} action=${name ? t("secrets replace") : t("add")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    if (taken) throw new Problem(422, { title: t("secrets taken", { name: wanted.trim() }) });
    await call("PUT", `/secrets/${encodeURIComponent(wanted.trim())}`, { body: { value: String(form.get("value")).trim() } });
    say(t("secrets set", { name: wanted.trim() }));
    again();
  }}>
    ${name ? html`<p class="intro">${t("secrets replace about")}</p>` : html`<${Field} label=${t("secrets name")} help=${t("secrets name help")} error=${taken ? t("secrets taken", { name: wanted.trim() }) : undefined}>${(/** @type {any} */ given) => html`<input class="input" name="name" required maxlength="63" pattern="[a-z0-9][a-z0-9_\\-]*" autocomplete="off" autocapitalize="none" spellcheck="false" value=${wanted} onInput=${(/** @type {any} */ event) => want(event.target.value)} ...${given} />`}<//>`}
    <${Field} label=${t("secrets value")} help=${t("secrets value help")}>${(/** @type {any} */ given) => html`<input class="input" type="password" name="value" required maxlength="4000" autocomplete="new-password" ...${given} />`}<//>
  <//>`;
}
