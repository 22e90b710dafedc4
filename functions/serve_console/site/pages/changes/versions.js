// @ts-check
/** The versions of a pipeline: by whom, when and what for; what is different between two; back to an earlier one. */
import { useEffect, useState } from "../../vendor/preact.js";
import { Problem, call, get } from "../../lib/api.js";
import { Button, Failed, Field, FormDialog, Loading, More, Panel, Pill, Shown, filter, html, moment, route, say, t, to, useLive } from "../../lib/ui.js";
import { Differences, summary } from "./differences.js";
import { Agreement, Consequences, NotPublished, gitReason, lost, pathOf } from "./parts.js";
import { LineDiff } from "./lines.js";

/** @param {{context: any, again: () => void}} props */
export default function Versions({ context, again }) {
  if (!context.head) return html`<${NotPublished} context=${context} />`;
  return html`<${OfPublished} context=${context} again=${again} />`;
}

/** @param {{context: any, again: () => void}} props */
function OfPublished({ context, again }) {
  const { pipeline, head } = context;
  const path = `${pathOf(pipeline)}/versions`;
  const live = useLive(() => get(path, { limit: 50 }), [pipeline, head.version], 0);
  const [more, add] = useState(/** @type {{items: any[], next: string | null} | null} */ (null));
  const [back, go] = useState(/** @type {any} */ (null));
  const [note, write] = useState("");
  return html`<${Shown} live=${live}>${(/** @type {any} */ page) => {
    const rows = [...page.items, ...(more?.items ?? [])];
    return html`
      ${rows.length > 1 || (more?.next ?? page.next) ? html`<${Compare} context=${context} rows=${rows} />` : null}
      <${Panel} title=${t("tab versions")}>
        ${rows.map((row) => html`<${Row} key=${row.number} ...${{ version: row, context }} roll=${() => go(row)} />`)}
        <${More} next=${more ? more.next : page.next} load=${async () => {
          const part = await get(path, { limit: 50, cursor: more ? more.next : page.next });
          add({ items: [...(more?.items ?? []), ...part.items], next: part.next });
        }} />
      <//>`;
  }}<//>
  ${back ? html`<${RollBack} key=${`${back.number} ${head.version}`} ...${{ context, again, note, write }} target=${back} close=${() => go(null)} />` : null}`;
}

/** @param {{version: any, context: any, roll: () => void}} props */
function Row({ version, context, roll }) {
  const number = String(version.number);
  const why = gitReason(context);
  const current = version.number === context.head.version;
  return html`<div class="line version">
    <div><b>${t("version number", { number })}</b>${current ? html` <${Pill} tone="ok">${t("live")}<//>` : null}</div>
    <div><p dir="auto">${version.note || html`<span class="dim">${t("no note")}</span>`}</p><p class="dim"><time datetime=${version.published_at}>${moment(version.published_at)}</time> · <span dir="auto">${version.published_by}</span></p></div>
    <p class="row links">
      ${version.number > 1 ? html`<a href=${to(["changes", context.pipeline, "versions"], { from: version.number - 1, to: version.number })}>${t("what it changed")}<span class="unseen">, ${t("version number", { number })}</span></a>` : null}
      ${current ? null : html`<${Button} role="administrator" disabled=${Boolean(why)} title=${why ?? undefined} onClick=${roll}>${t("roll back to", { number })}<//>`}
    </p>
  </div>`;
}

/** What is different between two versions, by stage and rule or as YAML. @param {{context: any, rows: any[]}} props */
function Compare({ context, rows }) {
  const { query } = route.value;
  const { pipeline, head } = context;
  const given = Object.fromEntries(query);
  const now = Number(given.to) || head.version;
  const from = Number(given.from) || Math.max(1, now - 1);
  const yaml = given.as === "yaml";
  const numbers = [...new Set([...rows.map((row) => row.number), from, now])].sort((a, b) => b - a);
  /** @param {string} label @param {number} value @param {(value: string) => any} other */
  const choice = (label, value, other) => html`<label class="row">${label} <select class="input" value=${String(value)} onChange=${(/** @type {any} */ event) => filter({ from, to: now, ...other(event.target.value) })}>
    ${numbers.map((number) => html`<option key=${number} value=${String(number)}>${t("version number", { number: String(number) })}</option>`)}</select></label>`;
  return html`<${Panel} label=${t("compare")}>
    <div class="row"><h2>${t("compare")}</h2>${choice(t("from version"), from, (value) => ({ from: value }))}${choice(t("to version"), now, (value) => ({ to: value }))}
      <${Button} onClick=${() => filter({ from: now, to: from })}>${t("swap")}<//>
      <span class="grow"></span>
      <span class="row" role="group" aria-label=${t("show as")}>
        <${Button} quiet aria-pressed=${String(!yaml)} onClick=${() => filter({ from, to: now, as: "" })}>${t("as parts")}<//>
        <${Button} quiet aria-pressed=${String(yaml)} onClick=${() => filter({ from, to: now, as: "yaml" })}>YAML<//>
      </span>
    </div>
    <${yaml ? AsYaml : AsParts} key=${`${from} ${now} ${yaml}`} ...${{ pipeline, from, now }} />
  <//>`;
}

/** @param {{pipeline: string, from: number, now: number}} props */
function AsParts({ pipeline, from, now }) {
  const path = `${pathOf(pipeline)}/versions`;
  const live = useLive(async () => {
    const [diff, before, after] = await Promise.all([get(`${path}/${from}/diff`, { to: now }), get(`${path}/${from}`), get(`${path}/${now}`)]);
    return { items: diff.items, before, after };
  }, [pipeline, from, now], 0);
  return html`<${Shown} live=${live}>${(/** @type {any} */ diff) => html`<p>${summary(diff.items)}.</p><${Differences} items=${diff.items} before=${diff.before.content} after=${diff.after.content} />`}<//>`;
}

/** @param {{pipeline: string, from: number, now: number}} props */
function AsYaml({ pipeline, from, now }) {
  const path = `${pathOf(pipeline)}/versions`;
  const live = useLive(() => Promise.all([get(`${path}/${from}/yaml`), get(`${path}/${now}/yaml`)]), [pipeline, from, now], 0);
  return html`<${Shown} live=${live}>${([old, fresh]) => html`<${LineDiff} old=${old.yaml} now=${fresh.yaml} label=${t("yaml of both", { from: String(from), to: String(now) })} />`}<//>`;
}

/** Publish an earlier version again: what that changes now, and the confirmation. @param {any} props */
function RollBack({ context, target, close, again, note, write }) {
  const { pipeline, head, headTag } = context;
  const [version, put] = useState(/** @type {any} */ (null));
  const [problem, fail] = useState(/** @type {any} */ (null));
  useEffect(() => {
    const path = `${pathOf(pipeline)}/versions/${target.number}`;
    Promise.all([get(`${path}/yaml`).then(({ yaml }) => call("POST", "/pipelines/plan", { body: { yaml }, key: crypto.randomUUID() })), get(path)]).then(
      ([plan, version]) => put({ plan: plan.value, content: version.content, tag: headTag }),
      fail,
    );
  }, []);
  const number = String(target.number);
  const plan = version?.plan;
  const nothing = plan && (!plan.diff.length || plan.refusals.length);
  return html`<${FormDialog} wide title=${t("roll back to", { number })} danger=${Boolean(plan && lost(plan))} action=${t("roll back")} close=${close} submit=${async () => {
    if (!plan) throw problem ?? new Problem(503, { title: t("loading") });
    if (nothing) throw new Problem(422, { title: plan.refusals.join("; ") || t("nothing changes") });
    try {
      const { value } = await call("POST", `${pathOf(pipeline)}/rollback`, { body: { version: target.number, note: note.trim() }, etag: version.tag, key: crypto.randomUUID() });
      say(t("version published", { number: String(value.number) }));
      write("");
      again();
    } catch (error) {
      if (/** @type {any} */ (error).status === 412) again();
      throw error;
    }
  }}>
    ${problem ? html`<${Failed} problem=${problem} />` : null}
    ${plan ? html`
      <p>${t("roll back about", { number, next: String(head.version + 1) })} <b>${summary(plan.diff)}.</b></p>
      <${Consequences} plan=${{ ...plan, left_behind: [] }} context=${context} content=${head.content} />
      <${Differences} items=${plan.diff} before=${head.content} after=${version.content} />
      <p class="dim">${t("under way stays")}</p>
      <${Agreement} plan=${plan} />` : problem ? null : html`<${Loading} />`}
    <${Field} label=${t("note")} help=${t("note about")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="note" maxlength="1000" value=${note} onInput=${(/** @type {any} */ event) => write(event.target.value)} ...${given}></textarea>`}<//>
  <//>`;
}
