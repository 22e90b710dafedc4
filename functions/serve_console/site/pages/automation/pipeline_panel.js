// @ts-check
/** What the whole pipeline has: its settings by what they are about, drawn from the catalogue. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { Failed, Loading, html, t, to, translated, useLive } from "../../lib/ui.js";
import { put } from "./model.js";
import { OWN_WIDGETS } from "./own_widgets.js";
import { Side } from "./panel.js";
import { Count, PartForm } from "./part_form.js";
import { learnParts, parts, settingOf } from "./parts.js";

/** What is about the same stands together; what is in none of them stands in the first. */
const SECTIONS = {
  general: ["name", "managed_by", "time_zone", "language", "country"],
  calendar: ["calendar"],
  mails: ["senders", "signature", "mail_templates", "task_mail", "daily_report"],
  documents: ["fields", "retention"],
  people: ["groups", "supervisors"],
};
/** The id stays, and the stages are the columns. */
const ELSEWHERE = ["pipeline", "stages"];

/** @param {{desk: import("./desk.js").Desk}} props */
export function PipelinePanel({ desk }) {
  const learnt = useLive(learnParts, [], 0);
  return html`<${Side} desk=${desk} close=${() => desk.openShow(null)} title=${t("ed.pipeline settings")} label=${t("ed.pipeline settings")}>
    ${parts.value ? html`<${Sections} desk=${desk} settings=${parts.value.pipeline} />` : learnt.problem.value ? html`<${Failed} problem=${learnt.problem.value} again=${() => learnt.again()} />` : html`<${Loading} />`}
  <//>`;
}

/** @param {{desk: import("./desk.js").Desk, settings: any[]}} props */
function Sections({ desk, settings }) {
  const form = useRef(/** @type {HTMLElement | null} */ (null));
  const content = desk.draft.content.value;
  const problems = desk.found.value.filter((/** @type {any} */ problem) => problem.stage === null && problem.field.length);
  const whole = desk.found.value.filter((/** @type {any} */ problem) => problem.stage === null && !known(settings, problem));
  const around = { desk, content, of: "rules", item: { kind: "send_email", settings: {} }, list: [], index: 0, widgets: OWN_WIDGETS };
  const placed = Object.values(SECTIONS).flat();
  const others = settings.map(({ name }) => name).filter((name) => !placed.includes(name) && !ELSEWHERE.includes(name));
  const change = (/** @type {any} */ next, /** @type {string} */ mark) => {
    const name = mark.split(".")[0];
    desk.draft.edit(t("ed.done set", { label: translated(settingOf("pipeline", name)?.label), name: t("pipeline") }), (now) => put(now, [name], next[name]), mark);
  };
  useEffect(() => {
    if (desk.wanted.value) reveal(desk, form.current);
  }, [desk.wanted.value]);
  return html`<fieldset class="form" ref=${form} disabled=${Boolean(desk.locked)}>
    ${desk.locked ? html`<p class="dim">${desk.locked}</p>` : null}
    ${whole.length ? html`<ul class="errors">${whole.map((/** @type {any} */ problem) => html`<li key=${problem.text} class=${problem.severity}>${problem.text}</li>`)}</ul>` : null}
    ${Object.entries(SECTIONS).map(([name, names]) => {
      const all = name === "general" ? [...names, ...others] : names;
      const own = problems.filter((/** @type {any} */ problem) => all.includes(problem.field[0]));
      return html`<${Section} key=${name} name=${name} problems=${own}>
        <${PartForm} part="pipeline" names=${all} value=${content} change=${change} around=${around} errors=${own} />
        ${name === "general" ? html`<p class="dim">${t("ed.at connections")} <a href=${to(["connections"])}>${t("page connections")}</a></p>` : null}
      <//>`;
    })}
  </fieldset>`;
}

/** Give the focus to the field that is wanted, in whatever is folded. @param {import("./desk.js").Desk} desk @param {HTMLElement | null} form */
function reveal(desk, form) {
  const wanted = desk.wanted.peek() ?? "";
  desk.wanted.value = null;
  const rows = /** @type {HTMLElement[]} */ ([...(form?.querySelectorAll("[data-field]") ?? [])]);
  const row = rows.filter((row) => `${wanted}.`.startsWith(`${row.dataset.field}.`)).at(-1);
  for (let fold = row?.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
  /** @type {HTMLElement | null | undefined} */ (row?.querySelector("[aria-invalid]") ?? row?.querySelector("input, select, textarea, button:not(.ask)"))?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

/** @param {any[]} settings @param {any} problem */
const known = (settings, problem) => settings.some((setting) => setting.name === problem.field[0] && !ELSEWHERE.includes(setting.name));

/** @param {{name: string, problems: any[], children?: any}} props */
function Section({ name, problems, children }) {
  const [first] = useState(name === "general" || problems.length > 0);
  return html`<details class="part" open=${first}><summary><h3>${t(`ed.part ${name}`)}</h3><${Count} problems=${problems} /></summary>${children}</details>`;
}
