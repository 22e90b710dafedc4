// @ts-check
/** One connection: how it is, what to do at its provider, what came, and its credentials. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { call, get, post } from "../../lib/api.js";
import { Button, Failed, PageHead, Panel, Pill, Shown, age, go, html, moment, refused, say, shown, t, to, textOr, useLive } from "../../lib/ui.js";
import { Ask, Check, Copyable } from "../../lib/manage.js";
import { Change, Credentials, Rotate } from "./change.js";
import { TestEvent } from "./test.js";
import { Rejected } from "./rejected.js";
import { answers, forget, keep, silenceOf, stateOf } from "./state.js";

/** @param {{id: string}} props */
export default function One({ id }) {
  const path = `/connections/${encodeURIComponent(id)}`;
  const live = useLive(() => call("GET", path), [id], 5);
  const [open, show] = useState(/** @type {string | null} */ (null));
  const name = live.value.value?.value.provider;
  const about = useLive(async () => (name ? await get(`/catalogue/providers/${encodeURIComponent(name)}`) : null), [name], 0);
  const provider = about.value.value;
  const close = () => show(null);
  const changed = (/** @type {any} */ connected) => {
    keep(connected);
    live.again();
  };
  return html`<div class="page wide">
    <p class="crumb"><a href=${to(["connections"])}>${t("page connections")}</a></p>
    ${live.value.value ? null : html`<${PageHead} title=${id} />`}
    <${Shown} live=${live}>${(/** @type {any} */ read) => {
      const known = read.value;
      const state = stateOf(known);
      const dialog = { known, provider, path, close, changed };
      const refusing = known.waits_for_secret;
      return html`<${PageHead} title=${known.name || known.id} about=${html`<${Pill} tone=${state.tone}>${state.text}<//>`}>
          <${Button} role="administrator" onClick=${() => show("change")}>${t("edit")}<//>
          <${Button} role="administrator" main=${refusing} onClick=${() => show("credentials")}>${t(refusing ? "set secret" : "set credentials")}<//>
          <${Button} role="administrator" onClick=${() => show("rotate")}>${t("rotate")}<//>
          <${Button} role="administrator" danger onClick=${() => show("remove")}>${t("remove")}<//>
          <${Button} role="administrator" main=${!refusing} disabled=${refusing} title=${refusing ? t("test needs secret") : undefined} onClick=${() => show("test")}>${t("test event")}<//>
        <//>
        ${known.waits_for_secret ? html`<p class="note wait">${t("waits about")}</p>` : null}
        ${known.warnings.map((/** @type {string} */ warning) => html`<p class="note wait" key=${warning}><b>${t("warning")}:</b> <span>${warning}</span></p>`)}
        ${provider || !about.problem.value ? null : html`<${Failed} problem=${about.problem.value} again=${() => about.again()} />`}
        <div class="two"><div>
          <${Steps} known=${known} provider=${provider} path=${path} />
          <${Events} rows=${known.last_events} />
          <${Refusals} rows=${known.refusals} />
          ${refused("operator") ? null : html`<${Rejected} connection=${id} />`}
        </div><div>
          <${About} known=${known} provider=${provider} />
          <${Keys} known=${known} retire=${() => show("retire")} />
        </div></div>
        ${open === "change" ? html`<${Change} ...${dialog} read=${read} again=${() => live.again()} />` : null}
        ${open === "credentials" && provider ? html`<${Credentials} ...${dialog} />` : null}
        ${open === "rotate" && provider ? html`<${Rotate} ...${dialog} />` : null}
        ${open === "test" ? html`<${TestEvent} ...${dialog} sent=${() => live.again()} />` : null}
        ${open === "retire" ? html`<${Ask} title=${t("retire")} action=${t("retire")} close=${close} submit=${async () => {
          changed(await post(`${path}/rotate`, { retire: true }));
          say(t("retired"));
        }}><p>${t("retire about", { secrets: known.secrets, addresses: known.addresses })}</p><//>` : null}
        ${open === "remove" ? html`<${Remove} known=${known} path=${path} close=${close} />` : null}`;
    }}<//>
  </div>`;
}

/** @param {{known: any, path: string, close: () => void}} props */
const Remove = ({ known, path, close }) => html`<${Ask} title=${t("remove connection", { name: known.name || known.id })} action=${t("remove")} close=${close}
  submit=${async (/** @type {FormData} */ form) => {
    await call("DELETE", path, { query: form.get("drop") ? { drop_messages: true } : {} });
    forget(known.id);
    say(t("removed", { name: known.name || known.id }));
    go(to(["connections"]));
  }}>
  <p class="spaced">${t("remove connection about")}</p>
  <${Check} name="drop" label=${t("messages as well")} help=${t("messages as well help")} />
<//>`;

/**
 * What to do at the provider, with the address, and with a secret that was made a moment ago.
 * @param {{known: any, provider: any, path: string}} props
 */
export function Steps({ known, provider, path }) {
  const answer = answers.value[known.id];
  const url = answer?.url ?? known.url;
  const made = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (answer?.secret) made.current?.focus();
  }, [answer?.secret]);
  const steps = (provider?.setup ?? []).map((/** @type {string} */ step) =>
    step.replace(/\{url\}(?=[/?])/g, url ?? `‹${t("webhook address")}›`).replaceAll("{url}", t("the address")).replaceAll("{secret}", t("the secret")));
  return html`<${Panel} title=${t("setup at", { provider: provider?.title ?? known.provider })}>
    ${url ? html`<${Copyable} label=${t("webhook address")} value=${url} />` : html`<${Address} path=${path} />`}
    ${answer?.secret ? html`<div class="once" tabindex="-1" ref=${made}><${Copyable} label=${t("secret made")} value=${answer.secret} /><p class="note wait spaced">${t("shown once")}</p></div>` : null}
    <ol class="steps">${steps.map((/** @type {string} */ step) => html`<li key=${step}>${step}</li>`)}</ol>
    ${provider ? html`<p class="dim">${t("retries")} <span>${provider.retries}</span></p>` : null}
  <//>`;
}

/** The address is a key: whoever may not change the connection does not see it. @param {{path: string}} props */
function Address({ path }) {
  const [problem, tell] = useState(/** @type {any} */ (null));
  return html`<p class="dim">${t("address is a key")}</p>
    <p class="spaced"><${Button} role="administrator" onClick=${() => post(`${path}/credentials`, {}).then(keep, tell)}>${t("show address")}<//></p>
    ${problem ? html`<${Failed} problem=${problem} />` : null}`;
}

/** @param {{rows: any[]}} props */
const Events = ({ rows }) => html`<${Panel} title=${t("last events")}>
  ${rows.length ? html`<div class="lines">${rows.map((line, number) => html`<div class="line" key=${number}>
    <time datetime=${line.at}>${moment(line.at)}</time>
    <div><b>${textOr(`event ${line.kind}`, line.kind)}</b> <span class="dim">${line.provider_event} · ${textOr(`authenticity ${line.authenticity}`, line.authenticity)}</span>
    ${line.document ? html`<br /><a href=${to(["documents", line.document])}>${t("to the document")}</a>` : null}</div>
  </div>`)}</div>` : html`<p class="dim">${t("no event about")}</p>`}
<//>`;

/** @param {{rows: any[]}} props */
const Refusals = ({ rows }) => html`<${Panel} title=${t("refusals")}>
  ${rows.length ? rows.map((row, number) => html`<div class="line" key=${number}>
    <time datetime=${row.at}>${moment(row.at)}</time><div><${Pill} tone="bad">${row.status}<//> <span>${row.reason}</span></div>
  </div>`) : html`<p class="dim">${t("no refusal")}</p>`}
<//>`;

/** @param {{known: any, provider: any}} props */
function About({ known, provider }) {
  const parties = [
    ...Object.entries(known.parties.emails),
    ...Object.entries(known.parties.roles),
    ...known.parties.company_domains.map((/** @type {string} */ domain) => [`@${domain}`, "company"]),
    ...Object.entries(known.parties.orders).map(([order, party]) => [t("number in order", { n: order }), party]),
  ];
  return html`<${Panel} title=${t("about it")}><dl>
    <dt>${t("provider")}</dt><dd>${provider?.title ?? known.provider}</dd>
    <dt>${t("pipeline")}</dt><dd><a href=${to(["board"], { pipeline: known.pipeline })}>${known.pipeline}</a></dd>
    <dt>${t("last event")}</dt><dd>${known.last_event_at ? t("ago", { span: age(known.last_event_at) }) : t("never")}</dd>
    <dt>${t("silence")}</dt><dd>${silenceOf(known)}</dd>
    <dt>${t("created")}</dt><dd>${moment(known.created_at)}</dd>
    <dt>${t("responsible")}</dt><dd>${known.responsible ?? t("the sender")}</dd>
    <dt>${t("sides")}</dt><dd>${parties.length ? html`<ul class="plain">${parties.map(([who, party]) => html`<li key=${who}>${who}: ${t(`party ${party}`)}</li>`)}</ul>` : "–"}</dd>
    <dt>${t("fields")}</dt><dd>${known.fields.length ? html`<ul class="plain">${known.fields.map((/** @type {any} */ field) => html`<li key=${field.source}>${field.source} → ${field.field}</li>`)}</ul>` : "–"}</dd>
    <dt>${t("kept files")}</dt><dd>${known.keep_files.length ? known.keep_files.map((/** @type {string} */ kind) => t(`file ${kind}`)).join(", ") : t("nothing")}</dd>
    <dt>${t("locale")}</dt><dd>${shown(known.locale)}</dd>
  </dl><//>`;
}

/** @param {{known: any, retire: () => void}} props */
const Keys = ({ known, retire }) => html`<${Panel} title=${t("credentials")}><dl>
  <dt>${t("secrets accepted")}</dt><dd>${shown(known.secrets)}</dd>
  <dt>${t("addresses accepted")}</dt><dd>${shown(known.addresses)}</dd>
  <dt>${t("api token")}</dt><dd>${t(known.api_token_set ? "is set" : "is not set")}</dd>
  ${known.api_url ? html`<dt>${t("api address")}</dt><dd>${known.api_url}</dd>` : null}
</dl>
${known.secrets > 1 || known.addresses > 1 ? html`<p class="spaced">${t("older accepted")}</p><${Button} role="administrator" danger onClick=${retire}>${t("retire")}<//>` : null}<//>`;
