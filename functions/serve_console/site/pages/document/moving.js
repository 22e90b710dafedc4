// @ts-check
/** Moving several documents: the stage, what that starts, and a job that goes on by itself. */
import { useEffect, useState } from "../../vendor/preact.js";
import { Problem, get, post } from "../../lib/api.js";
import { summed } from "../../lib/jobs.js";
import { DocumentLink } from "../../lib/names.js";
import { Failed, Field, FormDialog, Shown, html, say, t, translated, useLive, wordList } from "../../lib/ui.js";

const MOST_COUNTED = 10_000;
const MOST_SHOWN = 10;

/** @param {{pipeline: string, which: {documents: string[]} | {filter: any}, n: number | null, close: () => void, started: (job: string) => void}} props `n`: how many are selected; null for all that a filter matches. */
export default function Moving({ pipeline, which, n, close, started }) {
  const live = useLive(() => Promise.all([get(`/pipelines/${encodeURIComponent(pipeline)}`), get("/catalogue/kinds")]), [pipeline], 0);
  const [stage, choose] = useState("");
  const [preview, know] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  const look = () => {
    know(null);
    tell(null);
    if (!stage) return;
    let here = true;
    summed((cursor) => post("/document-moves/preview", { pipeline, stage, ...which, cursor }), MOST_COUNTED).then((answer) => here && know(answer), (error) => here && tell(error));
    return () => {
      here = false;
    };
  };
  useEffect(look, [stage]);
  return html`<${FormDialog} title=${n === null ? t("list move every") : t("list move", { n })} action=${preview ? (preview.next ? t("list move over", { n: preview.documents }) : t("list move", { n: preview.documents })) : t("move")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    if (!preview) throw problem ?? new Problem(1, { title: t("list counting") });
    if (!preview.documents) throw new Problem(1, { title: t("list none to move") });
    const job = await post("/document-moves", { pipeline, stage, ...which, comment: form.get("comment") || null });
    say(t("job started"));
    started(job.id);
  }}>
    <${Shown} live=${live}>${(/** @type {any[]} */ [head, kinds]) => html`
      <${Field} label=${t("stage")}>${(/** @type {any} */ given) => html`<select class="input" name="stage" required value=${stage} onChange=${(/** @type {any} */ event) => choose(event.target.value)} ...${given}>
        <option value="">${t("list choose stage")}</option>
        ${head.content.stages.map((/** @type {any} */ choice) => html`<option key=${choice.id} value=${choice.id}>${choice.name || choice.id}</option>`)}
      </select>`}<//>
      <${Field} label=${t("comment")} help=${t("optional")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="comment" ...${given}></textarea>`}<//>
      <div role="status">${preview ? html`<${Found} preview=${preview} kinds=${kinds.items} />` : stage && !problem ? html`<p>${t("list counting")}</p>` : null}</div>
      ${problem ? html`<${Failed} problem=${problem} again=${look} />` : null}`}<//>
  <//>`;
}

/** What the move would do. @param {{preview: any, kinds: any[]}} props */
function Found({ preview, kinds }) {
  /** @param {any} rule */
  const nameOf = (rule) => rule.name || translated(kinds.find((kind) => kind.kind === rule.kind)?.title) || rule.rule;
  const notes = [
    !preview.automation ? t("list no automation") : preview.rules.length ? t("list starts", { n: preview.rules.length, rules: wordList(preview.rules.map(nameOf)) }) : t("list starts nothing"),
    preview.final ? t("list into final") : null,
    preview.leaving_final ? t("list out of final", { n: preview.leaving_final }) : null,
    preview.there_already ? t("list there already", { n: preview.there_already }) : null,
    t("list left rules"),
    t("about jobs"),
  ];
  return html`<p><b>${preview.next ? t("list will move over", { n: preview.documents }) : t("list will move", { n: preview.documents })}</b></p>
    ${preview.paused ? html`<p class="warned">${t("list paused")}</p>` : null}
    <ul>${notes.filter(Boolean).map((note) => html`<li key=${note}>${note}</li>`)}</ul>
    ${preview.refusals.length ? html`<p>${t("list cannot move", { n: preview.refusals.length })}</p><ul>${preview.refusals.slice(0, MOST_SHOWN).map((/** @type {any} */ refusal) => html`<li key=${refusal.document}><${DocumentLink} id=${refusal.document} />: ${refusal.reason}</li>`)}</ul>` : null}`;
}
