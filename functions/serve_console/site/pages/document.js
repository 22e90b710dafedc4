// @ts-check
/** One document: what happens in its stage and why, what would move it, its history, people, fields and files. */
import { useState } from "../vendor/preact.js";
import { call, get, post } from "../lib/api.js";
import { Button, Field, FormDialog, More, PageHead, Panel, Pill, Shown, age, html, moment, money, refused, say, shown, size, t, told, to, useLive } from "../lib/ui.js";

const TONES = { done: "ok", waiting: "wait", awaiting: "wait", ready: "wait", running: "wait", no_date: "wait", failed: "bad", in_doubt: "bad", skipped: "plain", cancelled: "plain" };
const MARKS = { true: "✓", false: "✗", unknown: "?" };
const DOTS = { moved: "trigger", event: "", run: "ok", edited: "wait", warning: "bad", stopped: "wait" };

/** @param {{id: string}} props */
export default function DocumentPage({ id }) {
  const path = `/documents/${encodeURIComponent(id)}`;
  const live = useLive(async () => {
    const [{ value, etag }, why] = await Promise.all([call("GET", path), get(`${path}/why`)]);
    return { document: value, etag, why };
  }, [id]);
  return html`<div class="page wide"><${Shown} live=${live}>${(/** @type {any} */ found) => html`<${Whole} ...${found} path=${path} again=${() => live.again()} />`}<//></div>`;
}

/** @param {any} props */
function Whole({ document, etag, why, path, again }) {
  const [asking, ask] = useState(/** @type {string | null} */ (null));
  const pipeline = useLive(() => get(`/pipelines/${encodeURIComponent(document.pipeline)}`), [document.pipeline], 0);
  const stages = pipeline.value.value?.content.stages ?? [];
  const close = () => ask(null);
  return html`
    <${PageHead} title=${document.title || document.number || document.id} about=${html`<${Pill} tone="wait">${t("in stage since", { stage: nameOf(stages, document.stage), span: age(document.since) })}<//>`}>
      <${Button} role="operator" onClick=${() => ask("stop")}>${t("stop rules")}<//>
      <${Button} role="operator" onClick=${() => ask("comment")}>${t("comment")}<//>
      <${Button} role="operator" onClick=${() => ask("edit")}>${t("edit")}<//>
      <${Button} main role="operator" onClick=${() => ask("move")}>${t("move to")}<//>
    <//>
    ${why.paused ? html`<p class="banner" role="status">${t("pipeline paused")}</p>` : null}
    <div class="two">
      <div>
        <${Now} why=${why} stages=${stages} again=${again} />
        <${History} path=${path} version=${document.version} stages=${stages} />
      </div>
      <aside>
        <${Signers} document=${document} />
        <${Fields} document=${document} />
        <${Files} document=${document} path=${path} />
      </aside>
    </div>
    ${asking === "move" ? html`<${Move} ...${{ document, stages, path, close, again }} />` : null}
    ${asking === "edit" ? html`<${Edit} ...${{ document, etag, path, close, again }} />` : null}
    ${asking === "comment" ? html`<${FormDialog} title=${t("comment")} action=${t("add")} close=${close} submit=${async (/** @type {FormData} */ form) => {
      await post(`${path}/comments`, { text: form.get("text") });
      again();
    }}><${Field} label=${t("text")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="text" required ...${given}></textarea>`}<//><//>` : null}
    ${asking === "stop" ? html`<${FormDialog} title=${t("stop rules")} danger action=${t("stop rules")} close=${close} submit=${async () => {
      await post(`${path}/stop-rules`);
      again();
    }}><p>${t("stop rules about")}</p><//>` : null}
  `;
}

/** @param {any[]} stages @param {string | null} id */
const nameOf = (stages, id) => stages.find((one) => one.id === id)?.name ?? id ?? "";

// --- why

/** @param {any} props */
function Now({ why, stages, again }) {
  const current = why.entries.find((/** @type {any} */ one) => one.current);
  const before = why.entries.filter((/** @type {any} */ one) => !one.current && one.runs.length);
  const last = why.decisions.at(-1);
  return html`<${Panel} title=${t("here now", { stage: nameOf(stages, why.stage) })}>
    ${current?.runs.length ? current.runs.map((/** @type {any} */ run) => html`<${Run} key=${`${run.rule} ${run.repeat}`} ...${{ run, why, again, entry: current.entry }} />`) : html`<p class="dim">${t("no rule here")}</p>`}
    ${why.added_later.map((/** @type {any} */ one) => html`<div class="line" key=${one.rule}><${Pill}>${t("not started")}<//><div><b>${one.name}</b>: ${one.words}</div></div>`)}
    ${last && (last.fired || last.passed.length) ? html`<h3>${t("triggers at", { at: moment(last.at, why.time_zone) })}</h3><${Decision} entry=${last} stages=${stages} />` : null}
    ${before.length ? html`<details><summary>${t("in stages before", { n: before.length })}</summary>${before.map((/** @type {any} */ one) => html`<h3 key=${one.entry}>${one.name}</h3>${one.runs.map((/** @type {any} */ run) => html`<${Run} key=${`${run.rule} ${run.repeat}`} ...${{ run, why, again, entry: one.entry }} />`)}`)}</details>` : null}
  <//>`;
}

/** @param {any} props */
function Run({ run, why, entry, again }) {
  const key = `${why.document}.${entry}.${run.rule}${run.repeat ? `.${run.repeat}` : ""}`;
  /** @param {string} action @param {any} [body] */
  const change = (action, body) => async () => {
    try {
      await post(`/runs/${encodeURIComponent(key)}/${action}`, body);
      say(t("done it"));
    } catch (error) {
      say(/** @type {any} */ (error).message);
    }
    again();
  };
  const waits = ["waiting", "no_date"].includes(run.state);
  const troubled = ["failed", "in_doubt"].includes(run.state);
  const tone = /** @type {any} */ (TONES)[run.state];
  return html`<div class="line" id=${`run-${key}`}>
    <${Pill} tone=${tone}>${t(`run ${run.state}`)}<//>
    <div>
      <p><b>${run.name}</b>${run.due && waits ? ` ${t("until", { at: moment(run.due, why.time_zone) })}` : ""}${run.words ? html`<span class="dim"> · ${run.words}</span>` : null}</p>
      <${Clauses} verdict=${run.verdict} />
      ${refused("operator") === null && (waits || troubled) ? html`<p class="row links">
        ${waits ? html`<button type="button" class="link" onClick=${change("now")}>${t("run now")}</button><button type="button" class="link" onClick=${change("skip")}>${t("skip it")}</button><button type="button" class="link" onClick=${change("shift", { seconds: 86_400 })}>${t("shift a day")}</button>` : null}
        ${troubled ? html`<button type="button" class="link" onClick=${change("retry")}>${t("try it again")}</button><button type="button" class="link" onClick=${change("accept")}>${t("accept it")}</button><button type="button" class="link" onClick=${change("skip")}>${t("skip it")}</button>` : null}
      </p>` : null}
    </div>
  </div>`;
}

/** A condition clause by clause, with the value that was found. @param {{verdict: any}} props */
function Clauses({ verdict }) {
  if (!verdict?.clauses.length) return null;
  return html`<ul class="clauses">${verdict.clauses.map((/** @type {any} */ one, /** @type {number} */ index) => html`<li key=${index} class=${one.outcome}>
    <span aria-hidden="true">${/** @type {any} */ (MARKS)[one.outcome]}</span>
    ${one.field} ${t(`op ${one.op}`)} ${one.wanted ?? ""}: ${t("found value", { value: one.found ?? t("nothing") })} <span class="unseen">${t(`outcome ${one.outcome}`)}</span>
  </li>`)}</ul>`;
}

/** Which trigger fired, and why the others did not. @param {any} props */
function Decision({ entry, stages }) {
  return html`<div class="decision">
    ${entry.fired ? html`<div class="line"><${Pill} tone="ok">${t("fired")}<//><div><b>${entry.fired.trigger}</b> → ${nameOf(stages, entry.fired.stage)}<${Clauses} verdict=${entry.fired.verdict} /></div></div>` : null}
    ${entry.passed.map((/** @type {any} */ one, /** @type {number} */ index) => html`<div class="line" key=${index}><${Pill}>${t("did not match")}<//><div><b>${one.trigger}</b> → ${nameOf(stages, one.stage)}: ${one.reason}<${Clauses} verdict=${one.verdict} /></div></div>`)}
  </div>`;
}

// --- history

/** @param {any} props */
function History({ path, version, stages }) {
  const live = useLive(() => get(`${path}/timeline`, { order: "newest", limit: 50 }), [path, version], 0);
  const [more, add] = useState(/** @type {{items: any[], next: string | null} | null} */ (null));
  return html`<${Panel} title=${t("history")}><${Shown} live=${live}>${(/** @type {any} */ page) => {
    const next = more ? more.next : page.next;
    return html`${[...page.items, ...(more?.items ?? [])].map((/** @type {any} */ one, /** @type {number} */ index) => html`<${Happened} key=${`${one.at} ${index}`} entry=${one} stages=${stages} />`)}
      <${More} next=${next} load=${async () => {
        const found = await get(`${path}/timeline`, { order: "newest", limit: 100, cursor: next });
        add({ items: [...(more?.items ?? []), ...found.items], next: found.next });
      }} />`;
  }}<//><//>`;
}

/** @param {any} props */
function Happened({ entry, stages }) {
  const dot = /** @type {any} */ (DOTS)[entry.kind] ?? "";
  const about = entry.passed.length || entry.fired?.verdict?.clauses.length;
  return html`<div class="line event">
    <time datetime=${entry.at} title=${entry.at}>${moment(entry.at)}</time><i class=${`dot ${dot}`} aria-hidden="true"></i>
    <div>
      <p dir="auto">${entry.text}</p>
      ${entry.reason ? html`<p class="dim">${entry.reason}</p>` : null}
      ${entry.changes.map((/** @type {any} */ one) => html`<p class="dim" key=${one.field}>${one.field}: ${shown(one.old)} → ${shown(one.new)}</p>`)}
      ${entry.cause ? html`<p class="dim">${t("caused by", { cause: entry.cause })}</p>` : null}
      ${about ? html`<details><summary>${t("why")}</summary><${Decision} entry=${entry} stages=${stages} /></details>` : null}
    </div>
  </div>`;
}

// --- beside it

/** @param {any} props */
function Signers({ document }) {
  return html`<${Panel} title=${t("signers")}>
    ${document.signers.length ? null : html`<p class="dim">${t("no signer")}</p>`}
    ${document.signers.map((/** @type {any} */ one) => html`<div class="signer" key=${one.id}>
      <span class="initials" aria-hidden="true">${initials(one.name ?? one.email ?? "?")}</span>
      <div><b dir="auto">${one.name ?? one.email ?? one.id}</b>
        <p class="dim">${t(`party ${one.party}`)} · ${state(one, document)}</p></div>
    </div>`)}
  <//>`;
}
/** @param {any} signer @param {any} document */
function state(signer, document) {
  if (signer.status === "signed") return t("signed at", { at: moment(signer.signed_at) });
  if (signer.status === "declined") return t("declined", { reason: signer.reason ?? "" });
  if (document.in_turn.includes(signer.id)) return t("in turn");
  return t(`signer ${signer.status}`);
}
/** @param {string} name */
const initials = (name) => name.split(/[\s@.]+/).filter(Boolean).slice(0, 2).map((one) => [...one][0].toLocaleUpperCase()).join("");

/** @param {any} props */
function Fields({ document }) {
  const rows = [
    [t("number"), document.number],
    [t("amount"), money(document.amount, document.currency)],
    [t("responsible"), document.responsible],
    ...Object.entries(document.fields).map(([name, value]) => [name, shown(value)]),
    [t("envelope"), document.envelope ? [document.envelope.id, document.envelope.provider].filter(Boolean).join(" · ") : null],
    [t("status"), document.status ? t(`envelope ${document.status}`) : null],
    [t("pipeline"), document.pipeline],
  ].filter(([, value]) => value);
  return html`<${Panel} title=${t("fields")}><dl>${rows.map(([name, value]) => html`<dt key=${name}>${name}</dt><dd dir="auto">${value}</dd>`)}</dl><//>`;
}

/** @param {any} props */
function Files({ document, path }) {
  return html`<${Panel} title=${t("files")}>
    ${document.files.length ? html`<ul class="plain">${document.files.map((/** @type {any} */ one) => html`<li key=${one.id}>
      <button type="button" class="link" onClick=${async () => {
        try {
          location.assign((await get(`${path}/files/${encodeURIComponent(one.id)}`)).url);
        } catch (error) {
          say(/** @type {any} */ (error).message);
        }
      }}>${one.name}</button> <span class="dim">${told(`file ${one.kind}`, one.kind)} · ${size(one.size)}</span>
    </li>`)}</ul>` : html`<p class="dim">${t("no file")}</p>`}
  <//>`;
}

// --- changes

/** @param {any} props */
function Move({ document, stages, path, close, again }) {
  return html`<${FormDialog} title=${t("move to")} action=${t("move")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    await post(`${path}/move`, { stage: form.get("stage"), comment: form.get("comment") || null });
    again();
  }}>
    <${Field} label=${t("stage")}>${(/** @type {any} */ given) => html`<select class="input" name="stage" ...${given}>${stages.filter((/** @type {any} */ one) => one.id !== document.stage).map((/** @type {any} */ one) => html`<option key=${one.id} value=${one.id}>${one.name ?? one.id}</option>`)}</select>`}<//>
    <${Field} label=${t("comment")} help=${t("optional")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="comment" ...${given}></textarea>`}<//>
  <//>`;
}

/** @param {any} props */
function Edit({ document, etag, path, close, again }) {
  const names = ["title", "number", "amount", "currency", "responsible"];
  return html`<${FormDialog} title=${t("edit")} action=${t("save")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    const fields = Object.fromEntries(
      [...names, ...Object.keys(document.fields)]
        .map((name) => [name, form.get(name)])
        .filter(([name, value]) => value !== null && value !== text(document[String(name)] ?? document.fields[String(name)])),
    );
    if (Object.keys(fields).length) await call("PATCH", path, { body: { fields }, etag });
    again();
  }}>
    ${names.map((name) => html`<${Field} key=${name} label=${t(name)}>${(/** @type {any} */ given) => html`<input class="input" name=${name} defaultValue=${text(document[name])} ...${given} />`}<//>`)}
    ${Object.entries(document.fields).map(([name, value]) => html`<${Field} key=${name} label=${name}>${(/** @type {any} */ given) => html`<input class="input" name=${name} defaultValue=${text(value)} ...${given} />`}<//>`)}
  <//>`;
}
/** @param {any} value */
const text = (value) => (value === null || value === undefined ? "" : Array.isArray(value) ? value.join(", ") : String(value));
