// @ts-check
/** Changing a connection: how its messages are read, its credentials, and new ones beside the old. */
import { useState } from "../../vendor/preact.js";
import { Problem, call, post } from "../../lib/api.js";
import { FormDialog, html, say, t } from "../../lib/ui.js";
import { ChangeDialog, Check, Input, Select, asLines, asList, fromLines } from "../../lib/manage.js";
import { ApiAccess, Options, optionsIn } from "./connect.js";

const FILES = ["signed_pdf", "audit_trail"];

/** @param {any} props */
export function Change({ path, read, close, again }) {
  const [known] = useState(read.value);
  const { parties } = known;
  return html`<${ChangeDialog} title=${t("edit connection")} read=${read} path=${path} close=${close} save=${async (/** @type {FormData} */ form, /** @type {string} */ etag) => {
    await call("PATCH", path, { etag, body: description(form) });
    say(t("saved"));
    again();
  }}>
    <${Input} name="name" label=${t("name")} value=${known.name} maxlength="200" />
    <${Input} name="responsible" label=${t("responsible")} value=${known.responsible ?? ""} help=${t("responsible help")} />
    <${Input} name="silent_after" type="number" min="1" max="365" label=${t("silent after days")} value=${known.silent_after ?? ""} help=${t("silent after help")} />
    <fieldset><legend>${t("sides")}</legend>
      <${Input} name="domains" label=${t("company domains")} value=${parties.company_domains.join(", ")} help=${t("company domains help")} />
      <${Input} area name="emails" label=${t("sides by address")} value=${asLines(parties.emails)} placeholder="anna@acme.example = company" help=${t("one a line", { example: "anna@acme.example = company" })} />
      <${Input} area name="roles" label=${t("sides by role")} value=${asLines(parties.roles)} placeholder="Director = company" help=${t("one a line", { example: "Director = company" })} />
      <${Input} area name="orders" label=${t("sides by order")} value=${asLines(parties.orders)} placeholder="2 = client" help=${t("one a line", { example: "2 = client" })} />
      <${Select} name="others" label=${t("sides of others")} value=${parties.others ?? ""} choices=${[["", t("others by themselves")], ...["company", "client", "unknown"].map((party) => [party, t(`party ${party}`)])]} />
      <${Check} name="strict" label=${t("strict")} value=${parties.strict} />
    </fieldset>
    <fieldset><legend>${t("envelope to document")}</legend>
      <${Input} area name="fields" label=${t("fields")} value=${known.fields.map((/** @type {any} */ field) => `${field.source} = ${field.field}`).join("\n")} help=${t("one a line", { example: "contract_number = number" })} />
      <${Input} name="document_field" label=${t("document field")} value=${known.document_field} required help=${t("document field help")} />
      <${Input} name="locale" label=${t("locale")} value=${known.locale ?? ""} help=${t("locale help")} />
      ${FILES.map((kind) => html`<${Check} key=${kind} name=${`keep:${kind}`} label=${t("keep", { file: t(`file ${kind}`) })} value=${known.keep_files.includes(kind)} />`)}
    </fieldset>
  <//>`;
}

/** @param {FormData} form */
function description(form) {
  const text = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
  return {
    name: text("name"),
    responsible: text("responsible") || null,
    silent_after: text("silent_after") ? Number(text("silent_after")) : null,
    parties: {
      emails: Object.fromEntries(fromLines(text("emails"))),
      roles: Object.fromEntries(fromLines(text("roles"))),
      orders: Object.fromEntries(fromLines(text("orders"))),
      company_domains: asList(text("domains")),
      others: text("others") || null,
      strict: form.has("strict"),
    },
    fields: fromLines(text("fields")).map(([source, field]) => ({ source, field })),
    document_field: text("document_field"),
    locale: text("locale") || null,
    keep_files: FILES.filter((kind) => form.has(`keep:${kind}`)),
  };
}

/** @param {any} props */
export function Credentials({ known, provider, path, close, changed }) {
  const first = known.secrets === 0 && provider?.secrets_chosen_by !== "nobody";
  const asked = (provider?.api_support.length ?? 0) > 0;
  return html`<${FormDialog} title=${t("set credentials")} action=${t("save")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    const given = Object.fromEntries(["secret", "api_token", "api_url"].map((name) => [name, String(form.get(name) ?? "").trim()]).filter(([, value]) => value));
    const options = optionsIn(form);
    if (!Object.keys(given).length && !Object.keys(options).length) throw new Problem(422, { title: t("nothing typed") });
    changed(await post(`${path}/credentials`, { ...given, options }));
    say(t("saved"));
  }}>
    <p class="dim spaced">${t("credentials about")}</p>
    ${first ? html`<${Input} name="secret" type="password" autocomplete="off" maxlength="2000" label=${t("secret")} help=${t("secret of provider")} />` : null}
    ${asked ? html`<${ApiAccess} about=${provider} />` : null}
    <${Options} options=${provider?.options ?? {}} />
    ${first || asked || Object.keys(provider?.options ?? {}).length ? null : html`<p>${t("no credentials to set", { provider: provider?.title ?? known.provider })}</p>`}
  <//>`;
}

/** @param {any} props */
export function Rotate({ known, provider, path, close, changed }) {
  const by = provider?.secrets_chosen_by;
  const own = by === "you" || by === "either";
  const [how, set] = useState(by === "nobody" ? "none" : own ? "generate" : "paste");
  const choices = [...(own ? ["generate"] : []), ...(by === "nobody" ? [] : ["paste"]), "none"].map((way) => [way, t(`secret ${way}`)]);
  return html`<${FormDialog} title=${t("rotate")} action=${t("rotate")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    const secret = String(form.get("secret") ?? "").trim();
    const address = form.has("address");
    if (!address && how !== "generate" && !secret) throw new Problem(422, { title: t("nothing typed") });
    changed(await post(`${path}/rotate`, { address, generate: how === "generate", ...(secret ? { secret } : {}) }));
    say(t("rotated"));
  }}>
    <p class="dim spaced">${t("rotate about")}</p>
    <${Select} name="how" label=${t("secret")} value=${how} choices=${choices} onChange=${(/** @type {any} */ event) => set(event.target.value)} />
    ${how === "paste" ? html`<${Input} name="secret" type="password" autocomplete="off" required maxlength="2000" label=${t("secret value")} />` : null}
    <${Check} name="address" label=${t("new address")} help=${t("new address help")} value=${by === "nobody"} />
  <//>`;
}
