// @ts-check
/** What people do with a task. */
import { useRef, useState } from "../../vendor/preact.js";
import { post, session } from "../../lib/api.js";
import { Button, Field, FormDialog, Pill, age, html, say, t } from "../../lib/ui.js";
import { forget } from "../../lib/names.js";

const GROUP = "group:";
const SOON = 86_400_000;

/** @param {string} assignee */
export const assigneeName = (assignee) =>
  assignee.startsWith(GROUP) ? t("group", { name: assignee.slice(GROUP.length) }) : assignee === session.value.name ? t("me") : assignee;
/** Whether a task is the signed-in person's, or of a group of theirs. @param {any} task @param {any} content */
export const isMine = (task, content) =>
  task.assignee === session.value.name || (task.assignee.startsWith(GROUP) && (content?.groups?.[task.assignee.slice(GROUP.length)] ?? []).includes(session.value.name));
/** @param {any} task */
export const isOverdue = (task) => task.state === "open" && task.deadline !== null && Date.parse(task.deadline) < Date.now();

/** How urgent a task is, by word and colour. @param {{task: any}} props */
export function Due({ task }) {
  if (task.state !== "open") return html`<${Pill} tone=${task.state === "done" ? "ok" : "plain"}>${t(`task ${task.state}`)}<//>`;
  if (isOverdue(task)) return html`<${Pill} tone="bad">${t("overdue for", { span: age(task.deadline) })}<//>`;
  if (task.deadline && Date.parse(task.deadline) < Date.now() + SOON) return html`<${Pill} tone="wait">${t("due soon")}<//>`;
  return html`<${Pill}>${t(task.deadline ? "task open" : "no deadline")}<//>`;
}

/** @param {any} task */
const path = (task) => `/tasks/${encodeURIComponent(task.task)}`;
/** @param {any} task */
const forgetDocument = (task) => forget(`/documents/${encodeURIComponent(task.document)}`);

/** @param {{task: any, mine: boolean, changed: () => void, main?: boolean}} props */
export function Complete({ task, mine, changed, main }) {
  const [asking, ask] = useState(false);
  const completed = useRef(false);
  const left = task.checklist.filter((/** @type {any} */ item) => !item.done).length;
  return html`<${Button} main=${main} role="operator" aria-label=${`${t("complete")}: ${task.title}`} onClick=${() => ask(true)}>${t("complete")}<//>
    ${asking ? html`<${FormDialog} title=${t("complete the task")} action=${t("complete")} close=${() => {
      ask(false);
      if (completed.current) changed();
    }} submit=${async (/** @type {FormData} */ form) => {
      if (!completed.current) await post(`${path(task)}/complete`, { as_operator: !mine });
      completed.current = true;
      const text = String(form.get("result") ?? "").trim();
      if (text) await post(`/documents/${encodeURIComponent(task.document)}/comments`, { text: `${task.title}: ${text}` });
      forgetDocument(task);
      say(t("task completed", { title: task.title }));
    }}>
      <p><b dir="auto">${task.title}</b></p>
      <p>${t(task.waits ? "complete about waits" : "complete about")}</p>
      ${left ? html`<p>${t("points left", { n: left })}</p>` : null}
      ${mine ? null : html`<p>${t("complete for", { who: assigneeName(task.assignee) })}</p>`}
      <${Field} label=${t("result")} help=${t("result help")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="result" maxlength="1500" ...${given}></textarea>`}<//>
    <//>` : null}`;
}

/** @param {{task: any, groups: string[], people: string[], changed: () => void}} props */
export function Assign({ task, groups, people, changed }) {
  const [asking, ask] = useState(false);
  return html`<${Button} role="operator" onClick=${() => ask(true)}>${t("give to")} …<//>
    ${asking ? html`<${FormDialog} title=${t("give the task")} action=${t("give to")} close=${() => ask(false)} submit=${async (/** @type {FormData} */ form) => {
      const given = String(form.get("assignee")).trim();
      await post(`${path(task)}/assign`, { assignee: given });
      say(t("task given", { who: assigneeName(given) }));
      changed();
    }}>
      <${Field} label=${t("to whom")} help=${t("to whom help")}>${(/** @type {any} */ given) => html`<input class="input" name="assignee" required list="assignees" autocomplete="off" ...${given} />`}<//>
      <datalist id="assignees">${[...people, ...groups.map((group) => `${GROUP}${group}`)].map((assignee) => html`<option key=${assignee} value=${assignee}></option>`)}</datalist>
      ${task.mail ? html`<p>${t("gets a mail")}</p>` : null}
    <//>` : null}`;
}

/** @param {{task: any, changed: () => void}} props */
export function Withdraw({ task, changed }) {
  const [asking, ask] = useState(false);
  return html`<${Button} role="operator" danger onClick=${() => ask(true)}>${t("withdraw")} …<//>
    ${asking ? html`<${FormDialog} title=${t("withdraw the task")} danger action=${t("withdraw")} close=${() => ask(false)} submit=${async (/** @type {FormData} */ form) => {
      await post(`${path(task)}/withdraw`, { reason: String(form.get("reason") ?? "").trim() || null });
      forgetDocument(task);
      say(t("task withdrawn it", { title: task.title }));
      changed();
    }}>
      <p><b dir="auto">${task.title}</b></p><p>${t(task.waits ? "withdraw about waits" : "withdraw about")}</p>
      <${Field} label=${t("reason")} help=${t("optional")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="reason" ...${given}></textarea>`}<//>
    <//>` : null}`;
}
