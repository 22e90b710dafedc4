// @ts-check
/** What publishing the draft would change and whom it touches; publishing; and the work that is under way. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { call, post } from "../../lib/api.js";
import { partName, useWords } from "../../lib/labels.js";
import { Button, Failed, Field, FormDialog, Loading, Panel, html, moment, refused, say, t, to, useLive } from "../../lib/ui.js";
import { Differences, summary } from "./differences.js";
import { Agreement, Consequences, Errors, NoDraft, WAITING, Withheld, countText, counted, draftPathOf, fromGit, gitReason, lost, partOf, pathOf, touched } from "./parts.js";
import { UnderWay } from "./under_way.js";

/** @param {{context: any, again: () => void}} props */
export default function Plan({ context, again }) {
  const [published, tell] = useState(/** @type {any} */ (null));
  const { head, draft, pipeline } = context;
  return html`
    ${published ? html`<${Published} done=${published} context=${context} />` : null}
    ${draft ? (refused("operator") ? html`<${Withheld} role="operator" />` : html`<${OfDraft} ...${{ context, again, tell }} />`)
      : published ? null : html`<${NoDraft} context=${context} about=${head ? t("no draft to plan", { number: String(head.version) }) : t("nothing to plan")} />`}
    ${head && !refused("operator") ? html`<${UnderWay} key=${head.version} pipeline=${pipeline} head=${head} />` : null}`;
}

/** The problems of a draft and its plan, which there is only where it could be published. @param {string} path */
async function looked(path) {
  const [checked, plan] = await Promise.all([
    post(`${path}/validate`),
    call("POST", `${path}/plan`, { key: crypto.randomUUID() }).catch((error) => {
      if (error.status === 422) return { value: null, etag: null };
      throw error;
    }),
  ]);
  return { problems: checked.problems, plan: plan.value, etag: plan.etag };
}

/** @param {{context: any, again: () => void, tell: (done: any) => void}} props */
function OfDraft({ context, again, tell }) {
  const { draft, draftTag, head, pipeline } = context;
  const [state, put] = useState(/** @type {any} */ (null));
  const [problem, fail] = useState(/** @type {any} */ (null));
  const [asking, ask] = useState(/** @type {string | null} */ (null));
  const [note, write] = useState("");
  const [stale, be] = useState(false);
  const seen = useRef(/** @type {string | null} */ (null));
  const load = () => {
    let here = true;
    looked(draftPathOf(pipeline)).then(
      (state) => {
        if (!here) return;
        if (seen.current && seen.current !== draftTag) be(true);
        seen.current = draftTag;
        fail(null);
        put({ ...state, draft });
      },
      (error) => here && fail(error),
    );
    return () => {
      here = false;
    };
  };
  useEffect(load, [draftTag, head?.version]);
  if (!state) return problem ? html`<${Failed} problem=${problem} again=${load} />` : html`<${Loading} />`;
  const errors = state.problems.filter((/** @type {any} */ row) => row.severity === "error");
  const outdated = head && draft.base_version !== head.version;
  const why = gitReason(context) ?? (!state.plan ? t("has errors", { n: errors.length }) : state.plan.refusals.length ? t("stands against") : outdated ? t("outdated", outdatedWords(context)) : !state.plan.diff.length ? t("nothing changes") : null);
  return html`
    ${stale ? html`<p class="banner" role="status">${t("draft changed", { by: draft.saved_by, at: moment(draft.saved_at) })}</p>` : null}
    ${problem ? html`<${Failed} problem=${problem} again=${load} />` : null}
    ${fromGit(context) ? html`<p class="banner">${gitReason(context)}</p>` : null}
    ${outdated ? html`<${Outdated} context=${context} ask=${() => ask("outdated")} />` : null}
    <${Panel} title=${head ? t("plan against", { number: String(head.version) }) : t("plan of new")} actions=${html`<${Button} main role="administrator" disabled=${Boolean(why)} title=${why ?? undefined} onClick=${() => ask("publish")}>${t("publish")}<//>`}>
      ${why && !fromGit(context) && !outdated ? html`<p class="dim">${t("cannot publish", { why })}</p>` : null}
      <${Errors} items=${errors} draft=${state.draft} />
      ${state.plan ? html`<p><b>${summary(state.plan.diff)}.</b></p>
        <${Consequences} plan=${state.plan} context=${context} content=${head?.content ?? draft.content} warnings=${state.problems.filter((/** @type {any} */ row) => row.severity !== "error")} />
        <${Differences} items=${state.plan.diff} before=${head?.content} after=${state.draft.content} />` : null}
    <//>
    ${asking === "publish" ? html`<${Publish} ...${{ context, state, note, write }} close=${() => ask(null)} done=${(/** @type {any} */ outcome) => {
      tell(outcome);
      again();
    }} stale=${() => {
      be(true);
      again();
    }} />` : null}
    ${asking === "outdated" ? html`<${FormDialog} title=${t("take over base")} action=${t("take over base")} close=${() => ask(null)} submit=${async () => {
      await call("PUT", draftPathOf(pipeline), { body: { content: draft.content, base_version: head.version }, etag: draftTag });
      again();
    }}><p>${t("take over base about", outdatedWords(context))}</p><//>` : null}`;
}

/** @param {any} context */
const outdatedWords = ({ head, draft }) => ({ base: String(draft.base_version ?? 0), now: String(head.version) });

/** Another version was published since the draft was begun. @param {{context: any, ask: () => void}} props */
const Outdated = ({ context, ask }) => html`<div class="banner" role="status"><p>${t("outdated", outdatedWords(context))}</p>
  <p class="row links">${context.draft.base_version ? html`<a href=${to(["changes", context.pipeline, "versions"], { from: context.draft.base_version, to: context.head.version })}>${t("what was published")}</a>` : null}
  <${Button} role="administrator" onClick=${ask}>${t("take over base")}<//></p></div>`;

/** @param {any} props */
function Publish({ context, state, note, write, close, done, stale }) {
  const { head, pipeline } = context;
  const { plan, etag } = state;
  const next = (plan.version ?? 0) + 1;
  const waiting = useLive(() => counted("/runs", { pipeline, state: WAITING }), [pipeline], 0).value.value;
  return html`<${FormDialog} title=${t("publish version", { number: String(next) })} action=${t("publish")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    let made;
    try {
      made = (await call("POST", `${draftPathOf(pipeline)}/publish`, { body: { note: note.trim() }, etag, key: crypto.randomUUID() })).value;
    } catch (error) {
      if (![404, 412].includes(/** @type {any} */ (error).status)) throw error;
      say(t("not published draft changed"));
      return stale();
    }
    if (form.get("under way") === "move") {
      try {
        const moved = await post(`${pathOf(pipeline)}/migrate-runs`);
        say(t("runs moved", { n: moved.items.length }));
      } catch (error) {
        say(t("runs not moved", { why: /** @type {any} */ (error).message }));
      }
    }
    done({ ...made, before: head?.version ?? null, after: state.draft.content });
  }}>
    <p>${summary(plan.diff)}. ${plan.stages.length ? t("touches", { n: touched(plan) }) : t("touches nobody")}</p>
    <${Agreement} plan=${plan} />
    <${Field} label=${t("note")} help=${t("note about")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="note" maxlength="1000" value=${note} onInput=${(/** @type {any} */ event) => write(event.target.value)} ...${given}></textarea>`}<//>
    ${head ? html`<fieldset class="choice"><legend>${t("under way")}</legend>${waiting ? html`<p>${countText(waiting, "waiting now")}</p>` : null}
      <label class="row"><input type="radio" name="under way" value="stay" defaultChecked /> ${t("under way stays")}</label>
      <label class="row"><input type="radio" name="under way" value="move" /> ${t("under way moves", { number: String(next) })}</label>
      ${lost(plan) ? html`<p class="dim">${t("under way loses")}</p>` : null}
    </fieldset>` : null}
  <//>`;
}

/** What was published just now, and what is next. @param {{done: any, context: any}} props */
function Published({ done, context }) {
  const added = done.diff.filter((/** @type {any} */ difference) => difference.part === "rule" && difference.change === "added");
  const words = useWords([]);
  const number = String(done.number);
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => heading.current?.focus(), []);
  return html`<section class="panel done" role="status" aria-label=${t("version published", { number })}>
    <h2 tabindex="-1" ref=${heading}>${t("version published", { number })}</h2>
    <p>${summary(done.diff)}.</p>
    ${done.warnings.map((/** @type {any} */ warning) => html`<p class="warned" key=${warning.text}><b>${t("mind")}</b> ${warning.text}</p>`)}
    ${added.length && done.before ? html`<p>${t("added rules later")}</p><ul>${added.map((/** @type {any} */ rule) => html`<li key=${rule.id}><a href=${to(["changes", context.pipeline, "run"], { rule: rule.id })}>${t("run for those here", { rule: partName(words, partOf(done.after, "rule", rule.id), rule.id) })}</a></li>`)}</ul>` : null}
    <p class="row links"><a href=${to(["changes", context.pipeline, "versions"], done.before ? { from: done.before, to: done.number } : {})}>${t("tab versions")}</a><a href=${to(["board"], { pipeline: context.pipeline })}>${t("page board")}</a></p>
  </section>`;
}
