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
  const stages = stagesOf(there).map((one) => one.id);
  const rules = [...along, ...stagesOf(there).flatMap((one) => listOf(one, "rules").map((rule) => rule.id))];
  const fields = fieldsOf(there, true).map((one) => one.id);
  const people = [own.to, own.cc, own.bcc, own.users, own.assignee, own.of].flat().filter((one) => typeof one === "string");
  const senders = sendersOf(there);
  const from = [own.from].flat().filter((one) => typeof one === "string" && one !== "responsible");
  const named = [
    ...asked(item.condition), ...(own.fields ?? []), ...Object.keys(own.values ?? {}), ...Object.keys(own.answer ?? {}), own.field,
    ...[item.time, own.time, own.deadline].flatMap((one) => [one?.after?.field, one?.before?.field, one?.on?.field]),
    ...people.filter((one) => one.startsWith("field:")).map((one) => one.slice(6)),
  ].filter((one) => typeof one === "string" && one);
  return [
    row?.locked ? translated(row.locked) : null,
    ...[own.stage, ...(own.stages ?? [])].filter((one) => one && !stages.includes(one)).map((one) => t("ed.lacks stage", { what: one })),
    ...[own.rule, own.task].filter((one) => one && !rules.includes(one)).map((one) => t("ed.lacks rule", { what: one })),
    own.template && !there.mail_templates?.[own.template] ? t("ed.lacks template", { what: own.template }) : null,
    ...from.filter((one) => !senders.some((sender) => address(sender) === address(one) || (sender.startsWith("@") && address(one).endsWith(sender)))).map((one) => t("ed.lacks sender", { what: one })),
    ...[...new Set(named)].filter((one) => !fields.includes(one)).map((one) => t("ed.lacks field", { what: one })),
    ...people.filter((one) => one.startsWith("group:") && !groupsOf(there).includes(one.slice(6))).map((one) => t("ed.lacks group", { what: one.slice(6) })),
  ].filter((one) => one !== null);
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
  const found = there.value.value?.content;
  const chosen = keys.map((key) => ({ key, place: placeOf(desk.content, key), item: desk.item(key) })).filter((one) => one.place && one.item);
  const along = chosen.map((one) => one.item.id);
  const report = useMemo(() => chosen.map((one) => ({ ...one, why: found && !here ? obstacles(/** @type {any} */ (one.place).of, one.item, found, along) : [] })), [found, target]);
  const stuck = report.filter((one) => one.why.length);
  const going = force ? report : report.filter((one) => !one.why.length);
  const current = chosen[0] ? stagesOf(desk.content)[/** @type {any} */ (chosen[0].place).stage].id : "";

  async function submit(/** @type {FormData} */ data) {
    if (!going.length) throw new Error(t("ed.nothing goes"));
    const stage = String(data.get("stage"));
    const text = t(how === "copy" ? "ed.done copied several" : "ed.done moved several", { n: going.length });
    const place = (/** @type {any} */ content, /** @type {boolean} */ fresh) => placed(content, stage, going, fresh);
    if (here) {
      desk.act(text, (content) => place(how === "move" ? without(content, going.map((one) => one.key)) : content, how === "copy"));
    } else {
      await save(target, there.value.value, (content) => place(content, true));
      if (how === "move") desk.act(text, (content) => without(content, going.map((one) => one.key)));
      else say(text);
    }
    desk.unpick();
  }
  return html`<${FormDialog} title=${t("ed.take to", { n: chosen.length })} action=${t(how === "copy" ? "ed.copy" : "move")} close=${close} submit=${submit}>
    <fieldset class="ways"><legend>${t("ed.what to do")}</legend>
      ${["copy", "move"].map((one) => html`<label key=${one}><input type="radio" name="how" checked=${how === one} onChange=${() => choose(/** @type {any} */ (one))} /> ${t(one === "copy" ? "ed.copy" : "move")}</label>`)}
    </fieldset>
    <${Field} label=${t("pipeline")}>${(/** @type {any} */ rest) => html`<select class="input" value=${target} onChange=${(/** @type {any} */ event) => aim(event.target.value)} ...${rest}>
      ${(all.value.value ?? [{ id: desk.draft.pipeline, name: desk.content.name }]).map((/** @type {any} */ one) => html`<option key=${one.id} value=${one.id}>${one.name || one.id}${one.id === desk.draft.pipeline ? ` (${t("ed.this one")})` : ""}</option>`)}</select>`}<//>
    <${Shown} live=${there}>${(/** @type {any} */ { content }) => html`<${Field} label=${t("stage")}>${(/** @type {any} */ rest) => html`<select class="input" name="stage" key=${target} defaultValue=${here ? current : undefined} ...${rest}>
        ${stagesOf(content).map((one) => html`<option key=${one.id} value=${one.id} selected=${here && one.id === current}>${nameOf(one)}</option>`)}</select>`}<//>
      ${stuck.length ? html`<div class="failed" role="status"><p><b>${t("ed.cannot go", { n: stuck.length })}</b></p>
        <ul>${stuck.map((one) => html`<li key=${one.key}>${titleOf(/** @type {any} */ (one.place).of, one.item)}: ${one.why.join("; ")}</li>`)}</ul>
        <label class="row"><input type="checkbox" checked=${force} onChange=${(/** @type {any} */ event) => insist(event.target.checked)} /> ${t("ed.take all the same")}</label></div>` : null}
      <p role="status">${t("ed.will go", { n: going.length })} ${going.map((one) => titleOf(/** @type {any} */ (one.place).of, one.item)).join(", ")}</p>`}<//>
  <//>`;
}

/** @param {any} content @param {string} id @param {any[]} going @param {boolean} fresh Whether their ids must be new there. */
function placed(content, id, going, fresh) {
  const stage = stagesOf(content).findIndex((one) => one.id === id);
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
