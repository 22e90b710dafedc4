// @ts-check
/** Two editors at once: both versions side by side, and one chooses; and a draft that somebody removed. */
import { useState } from "../../vendor/preact.js";
import { Button, Dialog, Failed, filter, html, moment, say, t, to } from "../../lib/ui.js";
import { titleOf } from "./catalogue.js";
import { merged, same } from "./merge.js";
import { listOf, nameOf, stagesOf } from "./model.js";

/** What differs, by parts that people know. @param {any} mine @param {any} theirs @param {any} base */
export function differences(mine, theirs, base) {
  const [a, b, c] = [mine, theirs, base].map(parts);
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((key) => ({ key, label: (a.get(key) ?? b.get(key))?.label ?? key, mine: a.get(key)?.value, theirs: b.get(key)?.value, base: c.get(key)?.value }))
    .filter((one) => !same(one.mine, one.theirs))
    .map((one) => ({ ...one, by: same(one.mine, one.base) ? "theirs" : same(one.theirs, one.base) ? "mine" : "both" }));
}
/** @param {any} content @returns {Map<string, {label: string, value: any}>} */
function parts(content) {
  const found = new Map();
  const { stages: _, ...top } = content ?? {};
  for (const [name, value] of Object.entries(top)) found.set(name, { label: name, value });
  found.set("stages", { label: t("stages"), value: stagesOf(content).map(nameOf) });
  for (const stage of stagesOf(content)) {
    const { triggers: _t, rules: _r, ...rest } = stage;
    found.set(`stage ${stage.id}`, { label: `${t("stage")} ${nameOf(stage)}`, value: { ...rest, [t("ed.rules")]: listOf(stage, "rules").map((one) => one.id), [t("ed.triggers")]: listOf(stage, "triggers").map((one) => one.id) } });
    for (const of of /** @type {const} */ (["triggers", "rules"])) {
      for (const item of listOf(stage, of)) found.set(`${of}:${item.id}`, { label: `${nameOf(stage)} · ${titleOf(of, item)}`, value: item });
    }
  }
  return found;
}

/** A value as it is written, without the marks of JSON. @param {any} value */
export const written = (value) => (value === undefined ? t("ed.is not there") : typeof value === "string" ? value : JSON.stringify(value, null, 1).replace(/^[{[]\n?|\n?[}\]],?$|["{}[\]]/gm, "").replace(/^\s*,?\s*\n/gm, ""));

/** @param {{desk: import("./desk.js").Desk}} props */
export function Conflict({ desk }) {
  const { draft } = desk;
  const theirs = draft.theirs.value?.value;
  const [problem, tell] = useState(/** @type {any} */ (null));
  if (!theirs) return null;
  const rows = differences(draft.content.value, theirs.content, draft.kept);
  const joint = merged(draft.kept, draft.content.value, theirs.content);
  const settle = (/** @type {"mine" | "theirs" | "both"} */ whose) => draft.settle(whose, joint).then(() => say(t("ed.settled")), tell);
  return html`<${Dialog} wide title=${t("ed.two editors")} close=${() => (desk.later.value = true)} closing=${t("ed.decide later")}
    actions=${html`${joint ? html`<${Button} main onClick=${() => settle("both")}>${t("ed.keep both")}<//>` : null}<${Button} main=${!joint} onClick=${() => settle("mine")}>${t("ed.take mine")}<//><${Button} onClick=${() => settle("theirs")}>${t("ed.take theirs")}<//>`}>
    <p>${t("ed.two editors about", { who: theirs.saved_by, at: moment(theirs.saved_at) })}</p>
    <div class="scroll"><table>
      <thead><tr><th>${t("ed.place")}</th><th>${t("ed.mine")}</th><th>${t("ed.theirs")}</th><th>${t("ed.changed by")}</th></tr></thead>
      <tbody>${rows.map((one) => html`<tr key=${one.key}><th scope="row">${one.label}</th><td><pre>${written(one.mine)}</pre></td><td><pre>${written(one.theirs)}</pre></td><td>${t(`ed.changed ${one.by}`)}</td></tr>`)}</tbody>
    </table></div>
    <p>${t(joint ? "ed.both fit" : "ed.both clash")}</p>
    <p class="dim">${t("ed.nothing lost")}</p>
    ${problem ? html`<${Failed} problem=${problem} />` : null}
  <//>`;
}

/** @param {{desk: import("./desk.js").Desk}} props */
export function Gone({ desk }) {
  const { draft } = desk;
  const [problem, tell] = useState(/** @type {any} */ (null));
  async function leave() {
    await draft.load();
    filter({ card: null, stage: null, show: null });
    if (draft.state.peek() === "none") location.hash = to(["automation"]);
  }
  return html`<${Dialog} title=${t("ed.draft gone")} close=${() => (desk.later.value = true)} closing=${t("ed.decide later")}
    actions=${html`<${Button} main onClick=${() => draft.again().then(() => say(t("ed.settled")), tell)}>${t("ed.make again")}<//>
      <${Button} onClick=${leave}>${t(draft.published.value ? "ed.take published" : "ed.to the list")}<//>`}>
    <p>${t("ed.draft gone about")}</p>
    ${problem ? html`<${Failed} problem=${problem} />` : null}
  <//>`;
}
