// @ts-check
/** The editor of one pipeline: what it is called and how it stands, its columns, and what is open beside them. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "../../vendor/preact.js";
import { get } from "../../lib/api.js";
import { draftOf } from "../../lib/draft.js";
import { Button, Failed, Loading, PageHead, Pill, filter, go, html, moment, refused, route, say, t, to, useLive } from "../../lib/ui.js";
import { catalogue, learnCatalogue } from "./catalogue.js";
import { Chooser } from "./choose.js";
import { Columns } from "./columns.js";
import { Conflict, Gone } from "./conflict.js";
import { Desk } from "./desk.js";
import { about } from "./model.js";
import { Discard } from "./discard.js";
import { Keys } from "./keys.js";
import { Menu } from "./menu.js";
import { CardPanel } from "./panel.js";
import { PipelinePanel } from "./pipeline_panel.js";
import { Picked } from "./picked.js";
import { Problems } from "./problems.js";
import { StagePanel } from "./stage_panel.js";
import { Transfer } from "./transfer.js";
import { Yaml } from "./yaml.js";

/** @param {{pipeline: string}} props */
export function Editor({ pipeline }) {
  const draft = useMemo(() => draftOf(pipeline), [pipeline]);
  const desk = useMemo(() => new Desk(draft), [draft]);
  const learnt = useLive(learnCatalogue, [], 0);
  useEffect(() => {
    draft.begin();
    draft.onOthers = (/** @type {string} */ who) => say(t("ed.others saved", { who }));
    return () => draft.end();
  }, [draft]);
  useEffect(() => watched(desk), [desk]);
  const loaded = draft.content.value !== null;
  useEffect(() => {
    // Other pages name a place of the draft by its JSON pointer.
    const pointer = route.peek().query.get("at");
    if (!loaded || pointer === null) return;
    filter({ at: null });
    desk.openFound(about(draft.content.peek(), pointer));
  }, [loaded]);
  const published = Boolean(draft.published.value);
  const counted = useLive(() => (published ? get(`/statistics/${encodeURIComponent(pipeline)}`) : Promise.resolve(null)), [pipeline, published], 60);
  useEffect(() => {
    const stages = counted.value.value?.stages ?? [];
    desk.present.value = Object.fromEntries(stages.map((/** @type {any} */ stage) => [stage.stage, stage.present]));
  }, [counted.value.value]);
  const state = draft.state.value;
  if (state === "none") return html`<div class="page"><${PageHead} title=${pipeline} /><p>${t("ed.no such pipeline")}</p><p><a href=${to(["automation"])}>${t("ed.to the list")}</a></p></div>`;
  const failed = draft.content.value ? null : draft.problem.value;
  if (failed || learnt.problem.value) {
    return html`<div class="page"><${PageHead} title=${pipeline} /><${Failed} problem=${failed ?? learnt.problem.value} again=${() => failed ? draft.load() : learnt.again()} /></div>`;
  }
  if (!draft.content.value || !catalogue.value) return html`<div class="page"><${PageHead} title=${pipeline} /><${Loading} /></div>`;
  return html`<${Bench} desk=${desk} />`;
}

/** @param {{desk: Desk}} props */
function Bench({ desk }) {
  const open = desk.card.value || desk.stage.value !== null || desk.show.value;
  const yaml = desk.yaml.value;
  const own = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const top = document.querySelector("header.top");
    if (!top) return;
    const watch = new ResizeObserver(() => own.current?.style.setProperty("--above", `${own.current.getBoundingClientRect().top + scrollY}px`));
    watch.observe(top);
    return () => watch.disconnect();
  }, []);
  return html`<div ref=${own} class=${`page bench ${open || yaml ? "beside" : ""} ${open && yaml ? "both" : ""}`}>
    <div class="table">
      <${Head} desk=${desk} />
      <${Trouble} desk=${desk} />
      <${Picked} desk=${desk} />
      <${Columns} desk=${desk} />
    </div>
    ${open ? html`<${Side} desk=${desk} />` : null}
    ${yaml ? html`<${Yaml} desk=${desk} />` : null}
    <p class="unseen" role="status" aria-live="polite">${desk.announcement.value}</p>
    <${Over} desk=${desk} />
  </div>`;
}

/** @param {{desk: Desk}} props */
function Side({ desk }) {
  const card = desk.card.value;
  if (card) return html`<${CardPanel} key=${card} desk=${desk} card=${card} />`;
  if (desk.stage.value !== null) return html`<${StagePanel} key="stage" desk=${desk} id=${desk.stage.value} />`;
  return desk.show.value === "problems" ? html`<${Problems} desk=${desk} />` : html`<${PipelinePanel} desk=${desk} />`;
}

/** @param {{desk: Desk}} props */
function Over({ desk }) {
  const dialog = desk.dialog.value;
  const close = () => (desk.dialog.value = null);
  const state = desk.draft.state.value;
  const asked = ["conflict", "gone"].includes(state);
  useEffect(() => {
    if (!asked) desk.later.value = false;
  }, [asked]);
  if (asked && desk.later.value) return null;
  if (state === "conflict") return html`<${Conflict} desk=${desk} />`;
  if (state === "gone") return html`<${Gone} desk=${desk} />`;
  if (dialog?.what === "choose") return html`<${Chooser} desk=${desk} of=${dialog.of} stage=${dialog.stage} close=${close} />`;
  if (dialog?.what === "transfer") return html`<${Transfer} desk=${desk} keys=${dialog.keys} how=${dialog.how} close=${close} />`;
  if (dialog?.what === "discard") return html`<${Discard} desk=${desk} close=${close} />`;
  if (dialog?.what === "keys") return html`<${Keys} close=${close} />`;
  return null;
}

/** @param {{desk: Desk}} props */
function Head({ desk }) {
  const { draft } = desk;
  const content = draft.content.value;
  const published = draft.published.value;
  const problems = draft.problems.value;
  const problemsShown = desk.found.value;
  const errors = problemsShown.filter((problem) => problem.severity === "error").length;
  const warnings = problemsShown.length - errors;
  const why = refused("administrator");
  const toggles = {
    pipeline: () => desk.openShow(desk.show.peek() === "pipeline" ? null : "pipeline"),
    yaml: () => filter({ yaml: desk.yaml.peek() ? null : "1" }),
    pick: () => (desk.picking.peek() ? desk.unpick() : (desk.picking.value = true)),
  };
  const changes = (/** @type {string} */ part) => to(["changes", draft.pipeline, part]);
  return html`<${PageHead} title=${content.name || draft.pipeline} about=${html`<${Standing} draft=${draft} />${published ? html`<span class="dim">${t("ed.version live", { n: published.version })}</span>` : null}`}>
    <${Button} quiet disabled=${why || !draft.past.value.length} title=${whatNext(draft.past.value, "ed.undo step")} onClick=${() => desk.undo()} aria-keyshortcuts="Control+Z">${t("undo")}<//>
    <${Button} quiet disabled=${why || !draft.future.value.length} title=${whatNext(draft.future.value, "ed.redo step")} onClick=${() => desk.redo()} aria-keyshortcuts="Control+Y">${t("ed.redo")}<//>
    ${refused("operator") ? null : html`<${Button} quiet aria-pressed=${desk.show.value === "problems"} onClick=${() => desk.openShow(desk.show.peek() === "problems" ? null : "problems")}>
      ${problems === null ? t("ed.checking") : errors ? t("ed.problems", { n: errors }) : warnings ? t("ed.warnings", { n: warnings }) : t("ed.no problem")}<//>`}
    <span class="roomy">
      <${Button} quiet aria-pressed=${desk.show.value === "pipeline"} onClick=${toggles.pipeline}>${t("ed.pipeline settings")}<//>
      <${Button} quiet aria-pressed=${desk.yaml.value} onClick=${toggles.yaml}>YAML<//>
      <${Button} quiet aria-pressed=${desk.picking.value} onClick=${toggles.pick}>${t("ed.select several")}<//>
      <a class="button" href=${changes("simulate")}>${t("ed.simulate")}</a>
      <a class="button" href=${changes("versions")}>${t("ed.versions")}</a>
    </span>
    <${Menu} label=${t("ed.more")} className="button quiet" face=${t("ed.more")} items=${() => [
      { text: t("ed.pipeline settings"), act: toggles.pipeline },
      { text: "YAML", act: toggles.yaml },
      { text: t("ed.select several"), act: toggles.pick },
      { text: t("ed.simulate"), act: () => go(changes("simulate")) },
      { text: t("ed.back-test"), act: () => go(changes("backtest")) },
      { text: t("ed.versions"), act: () => go(changes("versions")) },
      { text: t("ed.keys"), act: () => (desk.dialog.value = { what: "keys" }) },
      { text: t("ed.discard"), danger: true, act: () => (desk.dialog.value = { what: "discard" }), off: why ?? (draft.about.value ? null : t("ed.no draft")) },
    ]} />
    <a class="button main" href=${changes("plan")} onClick=${() => draft.save()}>${t("ed.plan and publish")}</a>
  <//>`;
}
/** @param {import("../../lib/draft.js").Step[]} steps @param {string} key */
const whatNext = (steps, key) => (steps.length ? t(key, { what: steps[steps.length - 1].what || t("ed.a change") }) : undefined);

/** @param {{draft: import("../../lib/draft.js").Draft}} props */
function Standing({ draft }) {
  const state = draft.state.value;
  const about = draft.about.value;
  const published = draft.published.value;
  const behind = about && published && about.base_version !== published.version;
  return html`
    ${state === "published" ? html`<${Pill} tone="ok">${t("ed.as published")}<//>` : null}
    ${state === "saved" ? html`<${Pill} tone="wait">${t("ed.draft saved")}<//><span class="dim">${t("ed.saved by", { who: about.saved_by, at: moment(about.saved_at) })}</span>` : null}
    ${state === "unsaved" || state === "saving" ? html`<${Pill} tone="wait">${t("ed.draft saving")}<//>` : null}
    ${state === "failed" ? html`<${Pill} tone="bad">${t("ed.draft failed")}<//>` : null}
    ${behind ? html`<${Pill} tone="bad">${t("ed.draft behind", { n: published.version })}<//>` : null}
    ${published?.paused ? html`<${Pill} tone="wait">${t("paused")}<//>` : null}
    ${draft.content.value?.managed_by === "git" ? html`<${Pill}>${t("ed.by git")}<//>` : null}`;
}

/** @param {{desk: Desk}} props */
function Trouble({ desk }) {
  const { draft } = desk;
  const asked = ["conflict", "gone"].includes(draft.state.value);
  return html`${asked ? html`<p class="banner row" role="status">${t(draft.state.value === "gone" ? "ed.draft gone" : "ed.two editors")} <button type="button" class="link" onClick=${() => (desk.later.value = false)}>${t("ed.decide now")}</button></p>` : null}
    ${desk.locked ? html`<p class="banner">${desk.locked}</p>` : null}
    ${draft.state.value === "failed" ? html`<${Failed} problem=${draft.problem.value} again=${() => draft.save()} />` : null}`;
}

/** Undo and redo by keys, and a word before what is unsaved is left. @param {Desk} desk */
function watched(desk) {
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]")) return;
    if (/** @type {HTMLElement} */ (event.target).closest?.("input, textarea, select")) return;
    const letter = event.key.toLowerCase();
    if (letter === "z") event.shiftKey ? desk.redo() : desk.undo();
    else if (letter === "y") desk.redo();
    else return;
    event.preventDefault();
  };
  const leaves = (/** @type {BeforeUnloadEvent} */ event) => {
    if (["unsaved", "saving", "failed", "conflict", "gone"].includes(desk.draft.state.peek())) event.preventDefault();
  };
  addEventListener("keydown", key);
  addEventListener("beforeunload", leaves);
  return () => {
    removeEventListener("keydown", key);
    removeEventListener("beforeunload", leaves);
  };
}
