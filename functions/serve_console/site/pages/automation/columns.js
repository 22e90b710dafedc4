// @ts-check
/** The pipeline on one screen: stages as columns, triggers above, rules below with the lines of their chains. */
import { html, useMemo } from "../../vendor/preact.js";
import { Button, t, to } from "../../lib/ui.js";
import { Card } from "./card.js";
import { began, dropped, ended, overItems, overStages } from "./drag.js";
import { chains, keyOf, listOf, nameOf, stagesOf } from "./model.js";
import { Menu } from "./menu.js";
import { touchedPart } from "./touch.js";

/** Draws again only when one of `of` is another. @param {{of: any[], draw: () => any}} props */
const Still = ({ of, draw }) => useMemo(draw, of);

/** @param {{desk: import("./desk.js").Desk}} props */
export function Columns({ desk }) {
  const content = desk.draft.content.value;
  const stages = stagesOf(content);
  const problems = desk.found.value;
  const byStage = useMemo(() => problemsByStage(problems), [problems]);
  const open = desk.card.value;
  const openStage = desk.stage.value;
  const over = desk.over.value;
  const dragged = desk.drag.value;
  const picked = desk.picked.value;
  const picking = desk.picking.value;
  const present = desk.present.value;
  const names = stages.map(nameOf).join("\n");
  const last = stages.length;
  return html`<div class="pipeline" role="list" aria-label=${t("stages")}
    onDragOver=${(/** @type {DragEvent} */ event) => overStages(desk, event)} onDrop=${(/** @type {DragEvent} */ event) => dropped(desk, event)}>
    ${stages.map((stage, index) => {
      const mine = over?.stage === index && over.of !== "stages" ? over : null;
      const before = over?.of === "stages" && over.index === index;
      const has = (/** @type {string | null} */ key) => key && ["triggers", "rules"].some((of) => listOf(stage, /** @type {any} */ (of)).some((item) => keyOf(/** @type {any} */ (of), item) === key));
      const mineOpen = has(open) ? open : null;
      const mineDragged = has(dragged?.key ?? null) || dragged?.key === `stages:${stage.id}` ? dragged?.key : null;
      const minePicked = [...picked].filter(has).join("\n");
      return html`<${Still} key=${stage.id} of=${[stage, index, last, byStage.get(stage.id), mineOpen, openStage === stage.id, mine, before, mineDragged, minePicked, picking, names, present[stage.id], content.fields, content.name, desk.ready]}
        draw=${() => html`<${Column} desk=${desk} stage=${stage} index=${index} last=${last} problems=${byStage.get(stage.id) ?? NONE} open=${mineOpen} isOpen=${openStage === stage.id} over=${mine} before=${before} dragged=${mineDragged} picked=${picked} picking=${picking} />`} />`;
    })}
    <div class=${`stage new ${over?.of === "stages" && over.index === last ? "before" : ""}`} role="listitem">
      <${Button} role="administrator" onClick=${() => desk.addStage(last)}>${t("ed.add stage")}<//>
    </div>
  </div>`;
}

const NONE = /** @type {any[]} */ ([]);
/** @param {any[]} problems @returns {Map<string, any[]>} */
function problemsByStage(problems) {
  const byStage = new Map();
  for (const problem of problems) if (problem.stageId !== null) byStage.set(problem.stageId, [...(byStage.get(problem.stageId) ?? []), problem]);
  return byStage;
}

/** @param {any} props */
function Column({ desk, stage, index, last, problems, open, isOpen, over, before, dragged, picked, picking }) {
  const name = nameOf(stage);
  const present = desk.present.value[stage.id];
  const own = problems.filter((/** @type {any} */ problem) => !problem.key && problem.severity === "error").length;
  const style = stage.color ? { borderColor: stage.color } : undefined;
  const parts = { desk, stage, index, problems, open, over, dragged, picked, picking };
  const key = `stages:${stage.id}`;
  return html`<div class=${`stage ${stage.kind ?? "open"} ${before ? "before" : ""} ${dragged === key ? "dragged" : ""}`} role="listitem" aria-label=${name} data-stage=${index}>
    <header style=${style} draggable=${desk.locked ? undefined : "true"}
      onDragStart=${(/** @type {DragEvent} */ event) => began(desk, event, key, "stages")} onDragEnd=${() => ended(desk)} onTouchStart=${(/** @type {TouchEvent} */ event) => touchedPart(desk, event, key, "stages")}>
      <h2><button type="button" class="name" data-key=${key} aria-current=${isOpen ? "true" : undefined}
        aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight" onClick=${() => desk.openStage(stage.id)}
        onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
          if (!event.altKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
          event.preventDefault();
          desk.moveStage(stage.id, event.key === "ArrowLeft" ? index - 1 : index + 2);
        }} title=${name.length > 60 ? name : undefined} dir="auto">${name}</button></h2>
      ${stage.kind && stage.kind !== "open" ? html`<small>${t(`ed.stage ${stage.kind}`)}</small>` : null}
      ${present ? html`<small><a href=${to(["documents"], { pipeline: desk.draft.pipeline, stage: stage.id })}>${t("documents", { n: present })}</a></small>` : null}
      ${own ? html`<small class="bad">${t("ed.problems", { n: own })}</small>` : null}
      <span class="grow"></span>
      <${Menu} label=${t("ed.menu of", { name })} face="⋯" items=${() => [
        { text: t("ed.stage settings"), act: () => desk.openStage(stage.id) },
        { text: t("ed.move left"), keys: "Alt ←", act: () => desk.moveStage(stage.id, index - 1), off: desk.locked ?? index === 0 },
        { text: t("ed.move right"), keys: "Alt →", act: () => desk.moveStage(stage.id, index + 2), off: desk.locked ?? index === last - 1 },
        { text: t("ed.add stage before"), act: () => desk.addStage(index), off: desk.locked },
        { text: t("ed.add stage after"), act: () => desk.addStage(index + 1), off: desk.locked },
        { text: t("ed.delete stage"), danger: true, act: () => desk.removeStage(stage.id), off: desk.locked ?? (last === 1 ? t("ed.only stage") : null) },
      ]} />
    </header>
    <${Items} ...${parts} of="triggers" />
    <${Items} ...${parts} of="rules" />
  </div>`;
}

/** The triggers or the rules of a stage. @param {any} props */
function Items({ desk, stage, index, of, problems, open, over, dragged, picked, picking }) {
  const list = listOf(stage, of);
  const heads = of === "rules" ? new Set(chains(list).map((chain) => chain[0])) : null;
  const id = `${of}-${index}`;
  return html`<div class="items" role="group" aria-labelledby=${id} data-of=${of}
      onDragOver=${(/** @type {DragEvent} */ event) => overItems(desk, event, index, of)}>
    <h3 id=${id}>${t(of === "rules" ? "ed.rules here" : "ed.triggers here")}</h3>
    ${list.length ? html`<ol>${list.map((item, n) => {
      const key = keyOf(of, item);
      const chained = heads && !heads.has(n);
      return html`<li key=${key} class=${`${chained ? "chained" : ""} ${over?.of === of && over.index === n ? "before" : ""}`}>
        <${Card} desk=${desk} of=${of} item=${item} list=${list} n=${n} stage=${stage} isOpen=${open === key} isPicked=${picked.has(key)} isDragged=${dragged === key} picking=${picking}
          problems=${problems.filter((/** @type {any} */ problem) => problem.key === key)} />
      </li>`;
    })}</ol>` : null}
    <div class=${over?.of === of && over.index === list.length ? "before" : ""}>
      <${Button} role="administrator" onClick=${() => (desk.dialog.value = { what: "choose", of, stage: stage.id })}
        data-key=${`${of}+${index}`} title=${t(of === "rules" ? "ed.add rule to" : "ed.add trigger to", { stage: nameOf(stage) })}>${t(of === "rules" ? "ed.add rule" : "ed.add trigger")}<//>
    </div>
  </div>`;
}
