// @ts-check
/** A stage: its name, its id, what it is, and its colour. */
import { useState } from "../../vendor/preact.js";
import { slug } from "../../lib/slug.js";
import { Button, html, t, translated } from "../../lib/ui.js";
import { catalogue } from "./catalogue.js";
import { nameOf, put, renamedStage, stagesOf, freeStageId } from "./model.js";
import { Side } from "./panel.js";
import { Row } from "./setting.js";

/** Colours that are told apart from each other and from both backgrounds. */
const COLORS = { blue: "#2f6fd6", teal: "#0f8a8a", green: "#2a8a4f", olive: "#7d7f1e", orange: "#c2620c", red: "#cf3d34", pink: "#c2458f", violet: "#8455c7" };

/** What the catalogue says of a stage's setting. @param {string} name */
const said = (name) => /** @type {any} */ (catalogue.value)?.stage.find((/** @type {any} */ setting) => setting.name === name);

/** @param {{desk: import("./desk.js").Desk, id: string}} props */
export function StagePanel({ desk, id }) {
  const content = desk.draft.content.value;
  const index = stagesOf(content).findIndex((candidate) => candidate.id === id);
  const stage = stagesOf(content)[index];
  if (!stage) return html`<${Side} desk=${desk} title=${t("ed.not here")} label=${t("stage")}><p>${t("ed.card gone")}</p><//>`;
  const name = nameOf(stage);
  const problems = desk.found.value.filter((/** @type {any} */ problem) => problem.stageId === id && !problem.key);
  const errors = (/** @type {string} */ field) => problems.filter((/** @type {any} */ problem) => problem.field[0] === field);
  const set = (/** @type {string} */ field, /** @type {any} */ value) => desk.draft.edit(t("ed.done set", { label: translated(said(field).label), name }), (whole) => put(whole, ["stages", index, field], value), `stage ${id} ${field}`);
  return html`<${Side} desk=${desk} title=${name} about=${t("stage")} label=${t("ed.settings of", { name })} actions=${html`<${Button} main onClick=${() => desk.close()}>${t("ed.done")}<//>
      <${Button} role="administrator" danger disabled=${stagesOf(content).length === 1} onClick=${() => desk.removeStage(id)}>${t("ed.delete stage")}<//>`}>
    <fieldset class="form" disabled=${Boolean(desk.locked)}>
      ${problems.filter((/** @type {any} */ problem) => !["name", "kind", "color", "id"].includes(problem.field[0])).length ? html`<ul class="errors">${problems.map((/** @type {any} */ problem) => html`<li class=${problem.severity}>${problem.text}</li>`)}</ul>` : null}
      <${Row} label=${translated(said("name").label)} help=${translated(said("name").help)} errors=${errors("name")} path="name">${(/** @type {any} */ rest) => html`<input class="input" value=${stage.name ?? ""} placeholder=${stage.id} onBlur=${() => named(desk, stage)} onInput=${(/** @type {any} */ event) => set("name", event.target.value || undefined)} ...${rest} />`}<//>
      <${Row} label=${translated(said("kind").label)} help=${translated(said("kind").help)} errors=${errors("kind")} path="kind">${(/** @type {any} */ rest) => html`<select class="input" value=${stage.kind ?? "open"} onChange=${(/** @type {any} */ event) => set("kind", event.target.value === "open" ? undefined : event.target.value)} ...${rest}>
        ${said("kind").choices.map((/** @type {any} */ choice) => html`<option key=${choice.value} value=${choice.value}>${translated(choice.label)}</option>`)}</select>`}<//>
      <${Row} label=${translated(said("color").label)} help=${translated(said("color").help)} errors=${errors("color")} path="color" group>${() => html`<div class="colors">
        <label><input type="radio" name="color" checked=${!stage.color} onChange=${() => set("color", undefined)} /> ${t("ed.color none")}</label>
        ${Object.entries(COLORS).map(([color, code]) => html`<label key=${color}><input type="radio" name="color" checked=${stage.color === code} onChange=${() => set("color", code)} /> <span class="swatch" style=${{ background: code }}></span> ${t(`ed.color ${color}`)}</label>`)}
        <${OwnColor} color=${stage.color} change=${(/** @type {string} */ code) => set("color", code)} />
      </div>`}<//>
      <${Id} key=${id} desk=${desk} stage=${stage} errors=${errors("id")} />
    </fieldset>
  <//>`;
}

/** A colour of one's own. @param {{color: any, change: (code: string) => void}} props */
function OwnColor({ color, change }) {
  const own = Boolean(color) && !Object.values(COLORS).includes(color);
  const [shown] = useState(own && HEX.test(color) ? color : COLORS.blue);
  return html`<div class="own"><label><input type="radio" name="color" checked=${own} onChange=${() => change(own ? color : shown)} /> ${own && !HEX.test(color) ? color : t("ed.own color")}</label>
    <input type="color" aria-label=${t("ed.own color")} value=${HEX.test(color ?? "") ? color : shown} onChange=${(/** @type {any} */ event) => change(event.target.value)} /></div>`;
}
const HEX = /^#[\da-f]{6}$/i;

/** A new stage is called by its name, once it has one. @param {import("./desk.js").Desk} desk @param {any} stage */
function named(desk, stage) {
  const untouched = new RegExp(`^${slug(t("ed.new stage"))}(-\\d+)?$`).test(stage.id);
  if (!untouched || !stage.name || slug(stage.name) === stage.id) return;
  const id = freeStageId(desk.content, stage.name);
  desk.draft.edit(t("ed.done set", { label: t("ed.id"), name: stage.name }), (content) => renamedStage(content, stage.id, id));
  if (desk.stage.peek() === stage.id) desk.openStage(id);
}

/** Its id; what names it is changed with it. @param {any} props */
function Id({ desk, stage, errors }) {
  const [text, type] = useState(stage.id);
  const published = stagesOf(desk.draft.published.value?.content).some((other) => other.id === stage.id);
  const fitting = !published && stage.name && slug(stage.name) !== stage.id ? freeStageId(desk.content, stage.name) : null;
  const wrong = text !== stage.id && (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(text) || stagesOf(desk.content).some((other) => other.id === text));
  function take(/** @type {string} */ to) {
    if (to === stage.id || wrong) return;
    desk.draft.edit(t("ed.done set", { label: t("ed.id"), name: nameOf(stage) }), (content) => renamedStage(content, stage.id, to));
    desk.openStage(to);
  }
  return html`<${Row} label=${translated(said("id").label)} help=${translated(said("id").help)} errors=${wrong ? [{ text: t("ed.id wrong"), severity: "error" }] : errors} path="id">
      ${(/** @type {any} */ rest) => html`<input class="input" value=${text} onInput=${(/** @type {any} */ event) => type(event.target.value)} onBlur=${() => take(text)} onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && take(text)} ...${rest} />`}
    <//>
    ${fitting ? html`<p><button type="button" class="link" onClick=${() => take(fitting)}>${t("ed.fitting id", { id: fitting })}</button></p>` : null}
    ${published ? html`<p class="dim">${t("ed.id published")}</p>` : null}`;
}
