// @ts-check
/** Copying or moving several to another stage or pipeline, with a report of what cannot go there. */
import { useMemo, useState } from "../../vendor/preact.js";
import { call, get } from "../../lib/api.js";
import { Field, FormDialog, Shown, html, say, t, translated, useLive } from "../../lib/ui.js";
import { rowOf, titleOf } from "./catalogue.js";
import { fieldsOf, groupsOf, sendersOf } from "./fields.js";
import { everything } from "./list.js";
import { freeId, insert, listOf, nameOf, placeOf, stagesOf, without } from "./model.js";
import { groupOf } from "./words.js";

/** The fields that a condition asks for. @param {any} condition @returns {string[]} */
const asked = (condition) => (!condition ? [] : groupOf(condition)?.members.flatMap(asked) ?? [condition.field]);

/** Why something would not work there. @param {import("./model.js").Of} of @param {any} item @param {any} there @param {string[]} along Ids that go there with it. @returns {string[]} */
export function obstacles(of, item, there, along) {
  const own = item.settings ?? {};
  const row = rowOf(of, item.kind);
  const stages = stagesOf(there).map((stage) => stage.id);
  const rules = [...along, ...stagesOf(there).flatMap((stage) => listOf(stage, "rules").map((rule) => rule.id))];
  const fields = fieldsOf(there, true).map((field) => field.id);
  const people = [own.to, own.cc, own.bcc, own.users, own.assignee, own.of].flat().filter((part) => typeof part === "string");
  const senders = sendersOf(there);
  const from = [own.from].flat().filter((part) => typeof part === "string" && part !== "responsible");
  const named = [
    ...asked(item.condition), ...(own.fields ?? []), ...Object.keys(own.values ?? {}), ...Object.keys(own.answer ?? {}), own.field,
    ...[item.time, own.time, own.deadline].flatMap((time) => [time?.after?.field, time?.before?.field, time?.on?.field]),
    ...people.filter((person) => person.startsWith("field:")).map((person) => person.slice(6)),
  ].filter((field) => typeof field === "string" && field);
  return [
    row?.locked ? translated(row.locked) : null,
    ...[own.stage, ...(own.stages ?? [])].filter((id) => id && !stages.includes(id)).map((id) => t("ed.lacks stage", { what: id })),
    ...[own.rule, own.task].filter((id) => id && !rules.includes(id)).map((id) => t("ed.lacks rule", { what: id })),
    own.template && !there.mail_templates?.[own.template] ? t("ed.lacks template", { what: own.template }) : null,
    ...from.filter((wantedSender) => !senders.some((sender) => address(sender) === address(wantedSender) || (sender.startsWith("@") && address(wantedSender).endsWith(sender)))).map((wantedSender) => t("ed.lacks sender", { what: wantedSender })),
    ...[...new Set(named)].filter((field) => !fields.includes(field)).map((field) => t("ed.lacks field", { what: field })),
    ...people.filter((person) => person.startsWith("group:") && !groupsOf(there).includes(person.slice(6))).map((person) => t("ed.lacks group", { what: person.slice(6) })),
  ].filter((text) => text !== null);
}
const address = (/** @type {string} */ text) => (text.match(/<(.+)>/)?.[1] ?? text).trim().toLowerCase();

/** @param {{desk: import("./desk.js").Desk, keys: string[], how: "copy" | "move", close: () => void}} props */
export function Transfer({ desk, keys, how: first, close }) {
  const [how, choose] = useState(first);
  const [target, aim] = useState(desk.draft.pipeline);
  const [force, insist] = useState(false);
  const all = useLive(everything, [], 0);
  const here = target === desk.draft.pipeline;
  const there = useLive(() => (here ? Promise.resolve({ content: desk.content, etag: null }) : contentOf(target)), [target], 0);
  const targetContent = there.value.value?.content;
  const chosen = keys.map((key) => ({ key, place: placeOf(desk.content, key), item: desk.item(key) })).filter((card) => card.place && card.item);
  const along = chosen.map((card) => card.item.id);
  const report = useMemo(() => chosen.map((choice) => ({ ...choice, why: targetContent && !here ? obstacles(/** @type {any} */ (choice.place).of, choice.item, targetContent, along) : [] })), [targetContent, target]);
  const stuck = report.filter((choice) => choice.why.length);
  const going = force ? report : report.filter((choice) => !choice.why.length);
  const current = chosen[0] ? stagesOf(desk.content)[/** @type {any} */ (chosen[0].place).stage].id : "";

  async function submit(/** @type {FormData} */ data) {
    if (!going.length) throw new Error(t("ed.nothing goes"));
    const stage = String(data.get("stage"));
    const text = t(how === "copy" ? "ed.done copied several" : "ed.done moved several", { n: going.length });
    const place = (/** @type {any} */ content, /** @type {boolean} */ fresh) => placed(content, stage, going, fresh);
    if (here) {
      desk.act(text, (content) => place(how === "move" ? without(content, going.map((card) => card.key)) : content, how === "copy"));
    } else {
      await save(target, there.value.value, (content) => place(content, true));
      if (how === "move") desk.act(text, (content) => without(content, going.map((card) => card.key)));
      else say(text);
    }
    desk.unpick();
  }
  return html`<${FormDialog} title=${t("ed.take to", { n: chosen.length })} action=${t(how === "copy" ? "ed.copy" : "move")} close=${close} submit=${submit}>
    <fieldset class="ways"><legend>${t("ed.what to do")}</legend>
      ${["copy", "move"].map((mode) => html`<label key=${mode}><input type="radio" name="how" checked=${how === mode} onChange=${() => choose(/** @type {any} */ (mode))} /> ${t(mode === "copy" ? "ed.copy" : "move")}</label>`)}
    </fieldset>
    <${Field} label=${t("pipeline")}>${(/** @type {any} */ rest) => html`<select class="input" value=${target} onChange=${(/** @type {any} */ event) => aim(event.target.value)} ...${rest}>
      ${(all.value.value ?? [{ id: desk.draft.pipeline, name: desk.content.name }]).map((/** @type {any} */ choice) => html`<option key=${choice.id} value=${choice.id}>${choice.name || choice.id}${choice.id === desk.draft.pipeline ? ` (${t("ed.this one")})` : ""}</option>`)}</select>`}<//>
    <${Shown} live=${there}>${(/** @type {any} */ { content }) => html`<${Field} label=${t("stage")}>${(/** @type {any} */ rest) => html`<select class="input" name="stage" key=${target} defaultValue=${here ? current : undefined} ...${rest}>
        ${stagesOf(content).map((stage) => html`<option key=${stage.id} value=${stage.id} selected=${here && stage.id === current}>${nameOf(stage)}</option>`)}</select>`}<//>
      ${stuck.length ? html`<div class="failed" role="status"><p><b>${t("ed.cannot go", { n: stuck.length })}</b></p>
        <ul>${stuck.map((choice) => html`<li key=${choice.key}>${titleOf(/** @type {any} */ (choice.place).of, choice.item)}: ${choice.why.join("; ")}</li>`)}</ul>
        <label class="row"><input type="checkbox" checked=${force} onChange=${(/** @type {any} */ event) => insist(event.target.checked)} /> ${t("ed.take all the same")}</label></div>` : null}
      <p role="status">${t("ed.will go", { n: going.length })} ${going.map((card) => titleOf(/** @type {any} */ (card.place).of, card.item)).join(", ")}</p>`}<//>
  <//>`;
}

/** @param {any} content @param {string} id @param {any[]} going @param {boolean} fresh Whether their ids must be new there. */
function placed(content, id, going, fresh) {
  const stage = stagesOf(content).findIndex((candidate) => candidate.id === id);
  return going.reduce((whole, { place, item }) => {
    const kept = fresh ? { ...item, id: freeId(whole, item.id) } : item;
    return insert(whole, { stage, of: place.of, index: listOf(whole.stages[stage], place.of).length }, [kept]);
  }, content);
}

/** @param {string} pipeline */
async function contentOf(pipeline) {
  const id = encodeURIComponent(pipeline);
  const { value, etag } = await call("GET", `/drafts/${id}`, { query: { optional: true } });
  return value ? { content: value.content, etag } : { content: (await get(`/pipelines/${id}`)).content, etag: null };
}
/** Into another pipeline's draft, which is made if there is none. @param {string} pipeline @param {any} read @param {(content: any) => any} change */
async function save(pipeline, read, change) {
  const made = read.etag ? null : await call("POST", "/drafts", { body: { from_pipeline: pipeline } });
  const content = change(made ? made.value.content : read.content);
  await call("PUT", `/drafts/${encodeURIComponent(pipeline)}`, { body: { content }, etag: made ? made.etag : read.etag });
}
