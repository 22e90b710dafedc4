// @ts-check
/** All that was found in the draft; each leads to its card and field. */
import { html, t } from "../../lib/ui.js";
import { nameOf, stagesOf } from "./model.js";
import { Side } from "./panel.js";

/** @param {{desk: import("./desk.js").Desk}} props */
export function Problems({ desk }) {
  const problems = desk.draft.problems.value;
  const content = desk.draft.content.value;
  const close = () => desk.openShow(null);
  const sorted = [...desk.found.value].sort((a, b) => Number(b.severity === "error") - Number(a.severity === "error") || (a.stage ?? -1) - (b.stage ?? -1));
  return html`<${Side} desk=${desk} close=${close} title=${t("ed.problems title")} label=${t("ed.problems title")}>
    ${problems === null ? html`<p class="dim">${t("ed.checking")}</p>` : null}
    ${problems !== null && !desk.found.value.length ? html`<p>${t("ed.no problem about")}</p>` : null}
    <ul class="trouble">${sorted.map((problem) => html`<li key=${problem.pointer + problem.text}>
      <button type="button" onClick=${() => desk.openFound(/** @type {any} */ (problem))}>
        <span class=${`pill ${problem.severity === "error" ? "bad" : "wait"}`}>${t(`ed.severity ${problem.severity}`)}</span>
        <b>${[problem.stageId === null ? t("pipeline") : nameOf(stagesOf(content).find((stage) => stage.id === problem.stageId)) || problem.stageId, problem.key && desk.title(problem.key)].filter(Boolean).join(" · ")}</b>
        <span>${problem.text}</span>
      </button></li>`)}</ul>
    ${problems?.some((problem) => problem.severity === "error") ? html`<p class="dim">${t("ed.warnings later")}</p>` : null}
  <//>`;
}
