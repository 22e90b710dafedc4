// @ts-check
/** Two editors at once: both versions side by side, and one chooses; and a draft that somebody removed. */
import { useState } from "../../vendor/preact.js";
import { settingLabel, useWords } from "../../lib/labels.js";
import { Button, Dialog, Failed, filter, html, moment, say, shown, t, to } from "../../lib/ui.js";
import { conditionText, timeText } from "../../lib/words.js";
import { titleOf } from "./catalogue.js";
import { merged, same } from "./merge.js";
import { listOf, nameOf, stagesOf } from "./model.js";

/** @typedef {{label: string, value: any, text: string}} Said */
/** @typedef {{label: string, said: Map<string, Said>}} Part */

/** What differs, setting by setting, by what people call them. @param {any} mine @param {any} theirs @param {any} base @param {import("../../lib/labels.js").Words} words */
export function differences(mine, theirs, base, words) {
  const [a, b, c] = [mine, theirs, base].map((version) => parts(version, words));
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((key) => {
    const [own, other, before] = [a.get(key), b.get(key), c.get(key)];
    if (!own || !other) return [row(key, [(own ?? other)?.label ?? key], [own, other, before].map(whole))];
    return [...new Set([...own.said.keys(), ...other.said.keys()])].map((name) => {
      const said = [own, other, before].map((side) => side?.said.get(name));
      return row(`${key} ${name}`, [own.label, (said[0] ?? said[1])?.label ?? name], said);
    });
  }).filter((difference) => difference.by);
}
/** @param {string} key @param {string[]} labels @param {(Said | undefined)[]} said Here, at the other's, and before. */
function row(key, labels, [mine, theirs, base]) {
  const [a, b, c] = [mine, theirs, base].map((version) => version?.value);
  const by = same(a, b) ? null : same(a, c) ? "theirs" : same(b, c) ? "mine" : "both";
  return { key, label: labels.filter(Boolean).join(" › "), mine: mine?.text, theirs: theirs?.text, by };
}
/** A whole part, as one thing that is said. @param {Part | undefined} part @returns {Said | undefined} */
const whole = (part) => part && { label: part.label, value: [...part.said].map(([name, setting]) => [name, setting.value]), text: [...part.said.values()].map((setting) => `${setting.label}: ${setting.text}`).join("\n") };

/** @param {any} content @param {import("../../lib/labels.js").Words} words @returns {Map<string, Part>} */
function parts(content, words) {
  const { stages: _, ...top } = content ?? {};
  const label = (/** @type {string} */ part, /** @type {string} */ kind) => (/** @type {string[]} */ path) => settingLabel(words, part, kind, path);
  const byKey = new Map([["pipeline", { label: "", said: saidOf({ ...top, stages: stagesOf(content).map(nameOf) }, content, label("pipeline", "")) }]]);
  for (const stage of stagesOf(content)) {
    const ids = Object.fromEntries(/** @type {const} */ (["triggers", "rules"]).map((of) => [of, listOf(stage, of).map((item) => titleOf(of, item))]));
    byKey.set(`stage ${stage.id}`, { label: `${t("stage")} ${nameOf(stage)}`, said: saidOf({ ...stage, ...ids }, content, label("stage", "")) });
    for (const of of /** @type {const} */ (["triggers", "rules"])) {
      for (const item of listOf(stage, of)) byKey.set(`${of}:${item.id}`, { label: `${nameOf(stage)} · ${titleOf(of, item)}`, said: saidOf(item, content, label(of.slice(0, -1), item.kind)) });
    }
  }
  return byKey;
}
/** What a part says, setting by setting; times and conditions as sentences. @param {any} part @param {any} content @param {(path: string[]) => string} label @returns {Map<string, Said>} */
function saidOf(part, content, label) {
  const rows = Object.entries(part).flatMap(([name, value]) => (name === "settings" && value && typeof value === "object" ? Object.entries(value).map(([inner, member]) => ({ path: [name, inner], value: member })) : [{ path: [name], value }]));
  const text = (/** @type {string} */ name, /** @type {any} */ value) => (name === "time" ? timeText(value, content) : name === "condition" ? conditionText(value, content) : written(value));
  return new Map(rows.map(({ path, value }) => [path.join("."), { label: label(path), value, text: text(path.at(-1) ?? "", value) }]));
}

/** A value as it is written, without the marks of JSON. @param {any} value */
function written(value) {
  if (typeof value !== "object" || value === null) return shown(value);
  if (Array.isArray(value) && value.every((element) => typeof element !== "object")) return value.join("\n");
  return JSON.stringify(value, null, 1).replace(/^[{[]\n?|\n?[}\]],?$|["{}[\]]/gm, "").replace(/^\s*,?\s*\n/gm, "");
}

/** @param {{desk: import("./desk.js").Desk}} props */
export function Conflict({ desk }) {
  const { draft } = desk;
  const theirs = draft.theirs.value?.value;
  const [problem, tell] = useState(/** @type {any} */ (null));
  const words = useWords([draft.content.value, theirs?.content].flatMap((content) => stagesOf(content).flatMap((stage) => [...listOf(stage, "triggers"), ...listOf(stage, "rules")].map((item) => item.kind))));
  if (!theirs) return null;
  const rows = differences(draft.content.value, theirs.content, draft.kept, words);
  const joint = merged(draft.kept, draft.content.value, theirs.content);
  const settle = (/** @type {"mine" | "theirs" | "both"} */ whose) => draft.settle(whose, joint).then(() => say(t("ed.settled")), tell);
  return html`<${Dialog} wide title=${t("ed.two editors")} close=${() => (desk.later.value = true)} closing=${t("ed.decide later")}
    actions=${html`${joint ? html`<${Button} main onClick=${() => settle("both")}>${t("ed.keep both")}<//>` : null}<${Button} main=${!joint} onClick=${() => settle("mine")}>${t("ed.take mine")}<//><${Button} onClick=${() => settle("theirs")}>${t("ed.take theirs")}<//>`}>
    <p>${t("ed.two editors about", { who: theirs.saved_by, at: moment(theirs.saved_at) })}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${t("ed.both versions")}><table>
      <thead><tr><th>${t("ed.place")}</th><th>${t("ed.mine")}</th><th>${t("ed.theirs")}</th><th>${t("ed.changed by")}</th></tr></thead>
      <tbody>${rows.map((difference) => html`<tr key=${difference.key}><th scope="row" dir="auto">${difference.label}</th><td><pre dir="auto">${difference.mine ?? t("ed.is not there")}</pre></td><td><pre dir="auto">${difference.theirs ?? t("ed.is not there")}</pre></td><td>${t(`ed.changed ${difference.by}`)}</td></tr>`)}</tbody>
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
