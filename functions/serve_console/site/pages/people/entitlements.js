// @ts-check
/** What the plan includes: shown to everybody, with what is locked and why; set by administrators. */
import { useState } from "../../vendor/preact.js";
import { call, everyOf, get, session } from "../../lib/api.js";
import { Button, Field, FormDialog, Panel, Pill, Shown, html, number, say, t, translated, useLive } from "../../lib/ui.js";
import { Diff } from "./diff.js";
import { Choices, Option } from "./parts.js";

const KINDS = /** @type {["trigger" | "rule", string][]} */ ([["trigger", "trigger_kinds"], ["rule", "rule_kinds"]]);

export default function Entitlements() {
  const live = useLive(async () => {
    const [{ value, etag }, kinds, groups, pipelines] = await Promise.all([
      call("GET", "/entitlements"),
      get("/catalogue/kinds"),
      get("/catalogue/groups"),
      everyOf("/pipelines"),
    ]);
    return { included: value, etag, kinds: kinds.items, groups: groups.items, pipelines };
  }, [], 30);
  return html`<p class="intro">${t("plan intro")}</p>
    <${Shown} live=${live}>${(/** @type {any} */ plan) => html`<${Plan} plan=${plan} again=${() => live.again()} />`}<//>`;
}

/** @param {{plan: any, again: () => Promise<void>}} props */
function Plan({ plan, again }) {
  const [asking, ask] = useState(false);
  const { included, pipelines } = plan;
  const over = pipelines.filter((/** @type {any} */ pipeline) => pipeline.not_included?.length);
  return html`<${Panel} title=${included.plan ? t("plan named", { plan: included.plan }) : t("plan unnamed")} actions=${html`<${Button} role="administrator" onClick=${() => ask(true)}>${t("plan change …")}<//>`}>
      <dl class="wide">
        <dt>${t("page automation")}</dt><dd>${included.automation ? html`<${Pill} tone="ok">${t("plan included")}<//>` : html`<${Pill} tone="wait">${t("plan locked")}<//> ${t("plan no automation")}`}</dd>
        <dt>${t("plan pipelines")}</dt><dd>${included.pipelines === null ? t("plan any of", { n: pipelines.length }) : html`${t("plan used of", { used: pipelines.length, n: included.pipelines })} ${pipelines.length >= included.pipelines ? html`<${Pill} tone="wait">${t("plan full")}<//>` : null}`}</dd>
        <dt>${t("plan rules")}</dt><dd>${included.rules === null ? t("plan any") : number(included.rules)}</dd>
        <dt>${t("plan who")}</dt><dd>${t("plan who about")}</dd>
      </dl>
      ${over.length ? html`<h3>${t("plan over")}</h3><ul>${over.map((/** @type {any} */ pipeline) => html`<li key=${pipeline.pipeline}>${pipeline.name || pipeline.pipeline}: ${pipeline.not_included.join(", ")}</li>`)}</ul>` : null}
    <//>
    ${KINDS.map(([of]) => html`<${Kinds} key=${of} of=${of} plan=${plan} />`)}
    ${asking ? html`<${Change} plan=${plan} again=${again} close=${() => ask(false)} />` : null}`;
}

/** The kinds by group, locked ones with the reason. @param {{of: string, plan: any}} props */
function Kinds({ of, plan }) {
  const kinds = plan.kinds.filter((/** @type {any} */ kind) => kind.of === of);
  const locked = kinds.filter((/** @type {any} */ kind) => kind.locked);
  const rest = plan.groups.map((/** @type {any} */ group) => [group, kinds.filter((/** @type {any} */ kind) => kind.group === group.group)]).filter((/** @type {any} */ pair) => pair[1].length);
  return html`<${Panel} title=${t(`plan kinds ${of}`)} label=${t(`plan kinds ${of}`)}>
    <p>${locked.length ? t("plan kinds some", { n: locked.length, of: kinds.length }) : t("plan kinds all", { n: kinds.length })}</p>
    ${rest.map((/** @type {any} */ [group, own]) => html`<h3 key=${group.group}>${translated(group.title)}</h3><ul class="kindlist">
      ${own.map((/** @type {any} */ kind) => html`<li key=${kind.kind}>${translated(kind.title)}${kind.locked ? html` <${Pill} tone="wait">${t("plan locked")}<//><br /><small class="dim">${translated(kind.locked)}</small>` : null}</li>`)}
    </ul>`)}
  <//>`;
}

/** @param {{plan: any, again: () => Promise<void>, close: () => void}} props */
function Change({ plan, again, close }) {
  const [begun, begin] = useState({ etag: plan.etag, included: plan.included });
  const [theirs, see] = useState(/** @type {any} */ (null));
  const [{ included }] = useState(plan);
  const [limited, limit] = useState(/** @type {Record<string, boolean>} */ (Object.fromEntries(KINDS.map(([, name]) => [name, included[name] !== null]))));
  return html`<${FormDialog} wide title=${t("plan change")} action=${t("save")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    try {
      await call("PUT", "/entitlements", { etag: begun.etag, body: bodyOf(form) });
    } catch (error) {
      if (/** @type {any} */ (error).status === 412) {
        const { value, etag } = await call("GET", "/entitlements");
        see({ before: begun.included, after: value });
        begin({ etag, included: value });
      }
      throw error;
    }
    await again();
    session.value = await get("/session");
    say(t("plan saved"));
  }}>
    <p class="notice">${t("plan change about")}</p>
    ${theirs ? html`<div class="notice bad" role="status"><p>${t("plan changed meanwhile")}</p><${Diff} ...${theirs} /></div>` : null}
    <${Field} label=${t("plan name")} help=${t("plan name help")}>${(/** @type {any} */ given) => html`<input class="input" name="plan" maxlength="100" defaultValue=${included.plan} ...${given} />`}<//>
    <${Choices} legend=${t("page automation")} name="automation" value=${included.automation ? "yes" : "no"} choices=${[
      { value: "yes", label: t("plan included") },
      { value: "no", label: t("plan not included"), about: t("plan no automation") },
    ]} />
    ${["pipelines", "rules"].map((name) => html`<${Field} key=${name} label=${t(`plan ${name}`)} help=${t("plan number help")}>${(/** @type {any} */ given) => html`<input class="input" type="number" min="0" max="1000000" step="1" name=${name} defaultValue=${included[name] ?? ""} ...${given} />`}<//>`)}
    ${KINDS.map(([of, name]) => html`<fieldset class="optionset" key=${name}>
      <legend>${t(`plan kinds ${of}`)}</legend>
      ${["all", "some"].map((mode) => html`<${Option} key=${mode} label=${t(`plan ${mode}`)} name=${`${name}.which`} value=${mode} checked=${(mode === "some") === limited[name]} onChange=${() => limit({ ...limited, [name]: mode === "some" })} />`)}
      ${limited[name] ? html`<ul class="kindlist">${plan.kinds.filter((/** @type {any} */ kind) => kind.of === of).map((/** @type {any} */ kind) => html`<li key=${kind.kind}><${Option} type="checkbox" label=${translated(kind.title)} name=${name} value=${kind.kind} defaultChecked=${included[name] === null || included[name].includes(kind.kind)} /></li>`)}</ul>` : null}
    </fieldset>`)}
  <//>`;
}

/** All that the plan includes, as the form has it. @param {FormData} form */
function bodyOf(form) {
  const figure = (/** @type {string} */ name) => (form.get(name) === "" ? null : Number(form.get(name)));
  const kinds = (/** @type {string} */ name) => (form.get(`${name}.which`) === "all" ? null : form.getAll(name));
  return {
    plan: String(form.get("plan")).trim(),
    automation: form.get("automation") === "yes",
    pipelines: figure("pipelines"),
    rules: figure("rules"),
    trigger_kinds: kinds("trigger_kinds"),
    rule_kinds: kinds("rule_kinds"),
  };
}
