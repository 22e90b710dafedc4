// @ts-check
/** The catalogue: what can be added, by groups, with search, filter, and what was used last. */
import { useMemo, useState } from "../../vendor/preact.js";
import { Dialog, Pill, html, t, translated } from "../../lib/ui.js";
import { catalogue, recent } from "./catalogue.js";
import { nameOf, stagesOf } from "./model.js";

/** @param {{desk: import("./desk.js").Desk, of: import("./model.js").Of, stage: string, close: () => void}} props */
export function Chooser({ desk, of, stage, close }) {
  const [text, type] = useState("");
  const [group, choose] = useState("");
  const [only, restrict] = useState(false);
  const [keep, hold] = useState(false);
  const [added, note] = useState(/** @type {string[]} */ ([]));
  const index = stagesOf(desk.content).findIndex((other) => other.id === stage);
  const { groups, rows } = /** @type {any} */ (catalogue.value);
  const mine = rows.filter((/** @type {any} */ row) => row.of === (of === "rules" ? "rule" : "trigger"));
  const last = useMemo(() => recent(of), [of]);
  const words = text.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const matching = mine.filter((/** @type {any} */ row) =>
    (!group || (group === "recent" ? last.includes(row.kind) : row.group === group)) && (!only || !row.locked) &&
    words.every((word) => [row.kind, translated(row.title), translated(row.description)].some((part) => String(part).toLocaleLowerCase().includes(word))));
  const shownGroups = groups.filter((/** @type {any} */ candidate) => mine.some((/** @type {any} */ row) => row.group === candidate.group));
  const first = !group && !words.length ? mine.filter((/** @type {any} */ row) => last.includes(row.kind) && !row.locked) : [];
  function add(/** @type {any} */ row, /** @type {boolean} */ several) {
    if (row.locked) return;
    const key = desk.add(of, index, row.kind);
    note([...added, translated(row.title)]);
    if (several || keep) return;
    close();
    desk.open(key, "first");
  }
  if (index < 0) return null;
  const name = nameOf(stagesOf(desk.content)[index]);
  const list = (/** @type {any[]} */ some, /** @type {string} */ label) => html`<ul class="kinds" aria-label=${label}>
    ${some.map((row) => html`<li key=${row.kind}><${Kind} row=${row} add=${add} /></li>`)}
  </ul>`;
  return html`<${Dialog} wide title=${t(of === "rules" ? "ed.choose rule" : "ed.choose trigger", { stage: name })} close=${close} closing=${t(added.length ? "ed.done" : "cancel")}
    actions=${html`<label class="row"><input type="checkbox" checked=${keep} onChange=${(/** @type {any} */ event) => hold(event.target.checked)} /> ${t("ed.keep open")}</label>
      <span class="dim">${t("ed.keep open hint")}</span><span class="grow"></span>`}>
    <div class="chooser">
      <div class="row">
        <input class="input" type="search" autofocus aria-label=${t("ed.find kind")} placeholder=${t("ed.find kind")} value=${text} onInput=${(/** @type {any} */ event) => type(event.target.value)} />
        <label class="row"><input type="checkbox" checked=${only} onChange=${(/** @type {any} */ event) => restrict(event.target.checked)} /> ${t("ed.only included")}</label>
      </div>
      <div class="groups" role="group" aria-label=${t("ed.groups")}>
        ${[{ group: "", title: null }, ...(last.length ? [{ group: "recent", title: null }] : []), ...shownGroups].map((/** @type {any} */ choice) => html`<button type="button" key=${choice.group} class="button quiet" aria-pressed=${group === choice.group} onClick=${() => choose(choice.group)}>
          ${choice.title ? translated(choice.title) : t(choice.group ? "ed.recent" : "all")}</button>`)}
      </div>
      <div class="found">
        <p class="unseen" role="status">${t("ed.kinds found", { n: matching.length })}</p>
        ${first.length ? html`<h3>${t("ed.recent")}</h3>${list(first, t("ed.recent"))}` : null}
        ${shownGroups.map((/** @type {any} */ shownGroup) => {
          const some = matching.filter((/** @type {any} */ row) => row.group === shownGroup.group);
          return some.length ? html`<h3 key=${shownGroup.group}>${translated(shownGroup.title)}</h3>${list(some, translated(shownGroup.title))}` : null;
        })}
        ${matching.length ? null : html`<p class="dim">${t("ed.no kind found")}</p>`}
      </div>
      <p role="status" class="added">${added.length ? t("ed.added so far", { what: added.join(", ") }) : ""}</p>
    </div>
  <//>`;
}

/** @param {{row: any, add: (row: any, several: boolean) => void}} props */
const Kind = ({ row, add }) => html`<button type="button" class="kind" aria-disabled=${row.locked ? "true" : undefined}
  onClick=${(/** @type {MouseEvent} */ event) => add(row, event.ctrlKey || event.metaKey)}
  onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    add(row, true);
  }}>
  <b>${translated(row.title)}</b>${row.locked ? html` <${Pill} tone="wait">${t("ed.locked")}<//>` : null}
  <span class="dim">${translated(row.description)}</span>
  ${row.locked ? html`<span class="why">${translated(row.locked)}</span>` : null}
</button>`;
