// @ts-check
/** What stands beside the columns; and the settings of a trigger or rule. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { Button, Failed, Loading, html, t, translated } from "../../lib/ui.js";
import { catalogue, learnKind, rowOf, settings, titleOf } from "./catalogue.js";
import { ConditionBuilder, looseErrors } from "./condition.js";
import { at, listOf, nameOf, placeOf, renamedItem, stagesOf } from "./model.js";
import { Preview } from "./preview.js";
import { Row, Setting } from "./setting.js";
import { Timing } from "./timing.js";
import { turnOf } from "./words.js";

/** How many settings of a kind are shown before the rest. */
const FIRST = 6;
const narrow = matchMedia("(max-width: 820px)");

/** A place beside the columns, over them where there is no room. @param {{desk: import("./desk.js").Desk, title: any, about?: any, children?: any, actions?: any, close?: () => void, label: string}} props */
export function Side({ desk, title, about: sub, children, actions, close = () => desk.close(), label }) {
  const own = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (!narrow.matches) return;
    const table = document.querySelector(".bench .table");
    const top = document.querySelector("header.top");
    for (const element of [table, top]) element?.setAttribute("inert", "");
    return () => [table, top].forEach((element) => element?.removeAttribute("inert"));
  }, []);
  useEffect(() => {
    if (!desk.wanted.peek() && !own.current?.contains(document.activeElement)) own.current?.querySelector("h2")?.focus({ preventScroll: true });
  }, []);
  const wanted = desk.wanted.value;
  useEffect(() => {
    if (wanted !== "name") return;
    const field = /** @type {HTMLInputElement | null | undefined} */ (own.current?.querySelector("[data-field=name] input"));
    desk.wanted.value = null;
    field?.focus();
    field?.select();
  }, [wanted]);
  return html`<aside class="side" ref=${own} aria-label=${label} onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    close();
  }}>
    <header class="row"><div><h2 tabindex="-1" dir="auto">${title}</h2>${sub ? html`<p class="dim">${sub}</p>` : null}</div><span class="grow"></span>
      <button type="button" class="more" aria-label=${t("ed.close")} title=${t("ed.close")} onClick=${close}>×</button></header>
    <div class="body">${children}</div>
    ${actions ? html`<footer class="row">${actions}</footer>` : null}
  </aside>`;
}

/** @param {{desk: import("./desk.js").Desk, card: string}} props */
export function CardPanel({ desk, card }) {
  const content = desk.draft.content.value;
  const place = placeOf(content, card);
  if (!place) return html`<${Side} desk=${desk} title=${t("ed.not here")} label=${t("ed.settings")} close=${() => desk.open(null)}><p>${t("ed.card gone")}</p><//>`;
  const item = at(content, place);
  const title = titleOf(place.of, item);
  const row = rowOf(place.of, item.kind);
  const stage = stagesOf(content)[place.stage];
  const off = item.enabled === false;
  return html`<${Side} desk=${desk} label=${t("ed.settings of", { name: title })} title=${title} about=${t(place.of === "rules" ? "ed.rule of" : "ed.trigger of", { kind: translated(row?.title) || item.kind, stage: nameOf(stage) })}
    actions=${html`<${Button} main onClick=${() => desk.close()}>${t("ed.done")}<//>
      <${Button} role="administrator" onClick=${() => desk.switch([card], off)}>${t(off ? "ed.switch on" : "ed.switch off")}<//>
      <${Button} role="administrator" danger onClick=${() => desk.remove([card])}>${t("ed.delete it")}<//>`}>
    <${Form} desk=${desk} card=${card} content=${content} place=${place} item=${item} stage=${stage} />
  <//>`;
}

/** @param {any} props */
function Form({ desk, card, content, place, item, stage }) {
  const { of, index } = place;
  const known = settings.value[item.kind];
  const row = rowOf(of, item.kind);
  const [failed, fail] = useState(/** @type {any} */ (null));
  const form = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (row) learnKind(item.kind).then(() => fail(null), fail);
  }, [item.kind]);
  useEffect(() => {
    if (known || !row) focusWanted(desk, form.current);
  }, [known, desk.wanted.value]);
  const problems = desk.found.value.filter((/** @type {any} */ problem) => problem.key === card);
  const of_ = (/** @type {string[]} */ path) => problems.filter((/** @type {any} */ problem) => path.every((part, n) => problem.field[n] === part));
  const list = listOf(stage, of);
  const around = { desk, content, of, item, list, index, cardKey: card };
  const set = (/** @type {string[]} */ path, /** @type {string} */ label) => (/** @type {any} */ value) => desk.set(card, path, value, label);
  const common = /** @type {any} */ (catalogue.value)[of === "rules" ? "rule" : "trigger"];
  const part = (/** @type {string} */ name) => common.find((/** @type {any} */ setting) => setting.name === name);
  const draw = (/** @type {any} */ setting, /** @type {string[]} */ path) => html`<${Setting} key=${path.join(".")} setting=${setting} value=${path.reduce((whole, name) => whole?.[name], item)} change=${set(path, translated(setting.label))} errors=${of_(path)} around=${around} path=${path.join(".")} />`;
  const mine = (known ?? []).map((/** @type {any} */ setting, /** @type {number} */ n) => ({ setting, shown: n < FIRST || setting.required || item.settings?.[setting.name] !== undefined || of_(["settings", setting.name]).length > 0 }));
  const shownNames = new Set(["name", "condition", "time", "execution", "settings", "kind", "enabled", "id"]);
  const others = common.filter((/** @type {any} */ setting) => !shownNames.has(setting.name));
  const placed = (/** @type {any} */ problem) => ["settings", "name", "condition", "time", "execution", "id"].includes(problem.field[0]) ? problem.field[0] !== "settings" || (known ?? []).some((/** @type {any} */ setting) => setting.name === problem.field[1]) : others.some((/** @type {any} */ other) => other.name === problem.field[0]);
  const loose = problems.filter((/** @type {any} */ problem) => !placed(problem));
  return html`<fieldset class="form" ref=${form} disabled=${Boolean(desk.locked)}>
    ${desk.locked ? html`<p class="dim">${desk.locked}</p>` : null}
    ${loose.length ? html`<ul class="errors">${loose.map((/** @type {any} */ problem) => html`<li class=${problem.severity}>${problem.text}</li>`)}</ul>` : null}
    ${draw(part("name"), ["name"])}
    ${of === "rules" ? html`<${Row} label=${translated(part("time").label)} help=${`${translated(part("time").help)} ${translated(part("execution").help)}`} errors=${[...of_(["time"]), ...of_(["execution"])]} path="time" group>
      ${() => html`<${Timing} time=${item.time} change=${set(["time"], translated(part("time").label))} content=${content} turn=${turnOf(list, index)}
        execution=${index === 0 ? null : { value: item.execution ?? "after_previous", change: (/** @type {string} */ value) => desk.set(card, ["execution"], value === "after_previous" ? undefined : value, translated(part("execution").label)) }} />`}
    <//>` : null}
    <${Row} label=${t("ed.only if label")} help=${translated(part("condition").help)} errors=${looseErrors(item.condition, of_(["condition"]))} path="condition" group>
      ${() => html`<${ConditionBuilder} condition=${item.condition} change=${set(["condition"], t("ed.only if label"))} content=${content} events=${of === "triggers"} errors=${of_(["condition"])} />`}
    <//>
    ${failed ? html`<${Failed} problem=${failed} again=${() => learnKind(item.kind).then(() => fail(null), fail)} />` : !known && row ? html`<${Loading} />` : null}
    ${mine.filter((/** @type {any} */ shownSetting) => shownSetting.shown).map(({ setting }) => draw(setting, ["settings", setting.name]))}
    <details class="rest"><summary>${t("ed.more settings")}</summary>
      ${mine.filter((/** @type {any} */ shownSetting) => !shownSetting.shown).map(({ setting }) => draw(setting, ["settings", setting.name]))}
      ${others.map((/** @type {any} */ setting) => draw(setting, [setting.name]))}
      <${Id} desk=${desk} card=${card} item=${item} setting=${part("id")} errors=${of_(["id"])} />
    </details>
  </fieldset>
  ${known && of === "rules" ? html`<${Preview} around=${around} settings=${known} />` : null}`;
}

/** The id, taken over when it is left: everything is found by it. @param {any} props */
function Id({ desk, card, item, setting, errors }) {
  const [text, type] = useState(item.id);
  const wrong = text !== item.id && !/^[a-z0-9][a-z0-9_-]{0,62}$/.test(text);
  function take() {
    if (text === item.id || wrong) return;
    desk.draft.edit(t("ed.done set", { label: translated(setting.label), name: item.id }), (content) => renamedItem(content, card, text));
    desk.open(`${card.split(":")[0]}:${text}`);
  }
  return html`<${Row} label=${translated(setting.label)} help=${translated(setting.help)} example=${setting.example} errors=${wrong ? [{ text: translated(setting.syntax), severity: "error" }] : errors} path="id" required>
    ${(/** @type {any} */ rest) => html`<input class="input" value=${text} onInput=${(/** @type {any} */ event) => type(event.target.value)} onBlur=${take} onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && take()} ...${rest} />`}
  <//>`;
}

/** @param {import("./desk.js").Desk} desk @param {HTMLElement | null} form */
function focusWanted(desk, form) {
  const wanted = desk.wanted.peek();
  if (!wanted || !form) return;
  desk.wanted.value = null;
  const path = wanted === "first" ? null : wanted;
  const rows = [...form.querySelectorAll("[data-field]")];
  const row = path
    ? rows.find((candidate) => path === candidate.getAttribute("data-field") || path.startsWith(`${candidate.getAttribute("data-field")}.`)) ?? rows[0]
    : rows.find((candidate) => candidate.getAttribute("data-field")?.startsWith("settings.")) ?? rows[0];
  row?.closest("details")?.setAttribute("open", "");
  /** @type {HTMLElement | null | undefined} */ (row?.querySelector("input, select, textarea, .labelled + button, button:not(.ask)"))?.focus();
  row?.scrollIntoView({ block: "nearest" });
}
