// @ts-check
/** One task: what is to be done, for which document, until when, and its checklist. */
import { useState } from "../../vendor/preact.js";
import { get, post } from "../../lib/api.js";
import { Failed, PageHead, Panel, Shown, html, moment, refused, t, to, useLive } from "../../lib/ui.js";
import { DocumentLink, stageName, usePipeline } from "../../lib/names.js";
import { Assign, Complete, Due, Withdraw, assigneeName, isMine } from "./acts.js";

/** @param {{id: string}} props */
export function OneTask({ id }) {
  const live = useLive(() => get(`/tasks/${encodeURIComponent(id)}`), [id], 5);
  const task = live.value.value;
  return html`<div class="page wide">
    ${task ? null : html`<${PageHead} title=${t("page tasks")} />`}
    <${Shown} live=${live}>${(/** @type {any} */ shownTask) => html`<${Whole} task=${shownTask} again=${() => live.again()} />`}<//>
  </div>`;
}

/** @param {{task: any, again: () => void}} props */
function Whole({ task, again }) {
  const content = usePipeline(task.pipeline);
  const open = task.state === "open";
  const groups = Object.keys(content?.groups ?? {});
  const people = [...new Set([...Object.values(content?.groups ?? {}).flat(), ...Object.entries(content?.supervisors ?? {}).flat()])];
  return html`
    <${PageHead} title=${task.title} about=${html`<${Due} task=${task} />`}>
      ${open ? html`<${Withdraw} task=${task} changed=${again} /><${Assign} ...${{ task, groups, people }} changed=${again} /><${Complete} main task=${task} mine=${isMine(task, content)} changed=${again} />` : null}
    <//>
    <p class="about"><a href=${to(["tasks"])}>${t("to my tasks")}</a></p>
    ${open ? null : html`<p class="about" role="status">${t(`concluded ${task.state}`, { who: task.concluded_by ?? "", at: moment(task.concluded_at, task.time_zone) })}</p>`}
    <div class="two">
      <div>
        <${Panel} title=${t("to do")}>${task.text ? html`<p class="prose" dir="auto">${task.text}</p>` : html`<p class="dim">${t("no more text")}</p>`}<//>
        ${task.checklist.length ? html`<${Checklist} task=${task} again=${again} />` : null}
        <${Others} task=${task} />
      </div>
      <aside><${Panel} title=${t("details")}><dl>
        <dt>${t("document")}</dt><dd><${DocumentLink} id=${task.document} /></dd>
        <dt>${t("pipeline")}</dt><dd>${content?.name || task.pipeline}</dd>
        <dt>${t("stage")}</dt><dd>${stageName(content, task.stage)}</dd>
        <dt>${t("task given to")}</dt><dd>${assigneeName(task.assignee)}</dd>
        <dt>${t("deadline")}</dt><dd>${task.deadline ? moment(task.deadline, task.time_zone) : task.no_deadline ? t("no deadline of", { field: task.no_deadline }) : t("no deadline")}</dd>
        <dt>${t("made")}</dt><dd>${moment(task.created_at, task.time_zone)}</dd>
        <dt>${t("waits")}</dt><dd>${t(task.waits ? "rules wait" : "nothing waits")}</dd>
      </dl><p class="help dim">${t("times in", { zone: task.time_zone })}</p><//></aside>
    </div>`;
}

/** @param {{task: any, again: () => void}} props */
function Checklist({ task, again }) {
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [busy, set] = useState(/** @type {Record<number, boolean>} */ ({}));
  const why = refused("operator") ?? (task.state === "open" ? null : t("concluded already"));
  const done = task.checklist.filter((/** @type {any} */ item) => item.done).length;
  /** @param {number} index @param {boolean} checked */
  async function check(index, checked) {
    set((before) => ({ ...before, [index]: checked }));
    tell(null);
    try {
      await post(`/tasks/${encodeURIComponent(task.task)}/check`, { point: index + 1, done: checked });
    } catch (error) {
      tell(error);
    }
    await again();
    set(({ [index]: _, ...rest }) => rest);
  }
  return html`<${Panel} title=${t("checklist")} actions=${html`<span class="dim" role="status">${t("points", { done, n: task.checklist.length })}</span>`}>
    ${why ? html`<p class="dim" id="why-not">${why}</p>` : null}
    ${task.checklist.map((/** @type {any} */ item, /** @type {number} */ index) => html`<label class="check" key=${index}>
      <input type="checkbox" checked=${busy[index] ?? item.done} disabled=${why !== null} aria-describedby=${why ? "why-not" : undefined} onChange=${(/** @type {any} */ event) => check(index, event.target.checked)} /> <span dir="auto">${item.text}</span></label>`)}
    ${problem ? html`<${Failed} problem=${problem} />` : null}
  <//>`;
}

/** The other tasks of the document, concluded ones included. @param {{task: any}} props */
function Others({ task }) {
  const live = useLive(() => get(`/documents/${encodeURIComponent(task.document)}/tasks`), [task.document, task.version], 0);
  const rows = (live.value.value?.items ?? []).filter((/** @type {any} */ other) => other.task !== task.task);
  if (!rows.length) return null;
  return html`<${Panel} title=${t("other tasks")}>${rows.map((/** @type {any} */ other) => html`<div class="entry" key=${other.task}><${Due} task=${other} />
    <p><a href=${to(["tasks", other.task])} dir="auto">${other.title}</a> <span class="dim">${assigneeName(other.assignee)}</span></p><span></span></div>`)}<//>`;
}
