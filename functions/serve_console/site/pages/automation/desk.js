// @ts-check
/** What is being worked on: the draft, what is open, picked and dragged, and the acts that buttons, keys and dragging share. */
import { computed, signal } from "../../vendor/preact.js";
import { slug } from "../../lib/slug.js";
import { filter, messages, refused, route, say, t } from "../../lib/ui.js";
import { catalogue, remember, rowOf, titleOf } from "./catalogue.js";
import { sendersOf } from "./fields.js";
import { neverMet } from "./never.js";
import { about, at, freeId, freeStageId, insert, keyOf, listOf, moved, nameOf, placeOf, put, replace, stagesOf, without } from "./model.js";

/** @typedef {import("./model.js").Of} Of */
/** @typedef {import("./model.js").Place} Place */

export class Desk {
  /** @param {import("../../lib/draft.js").Draft} draft */
  constructor(draft) {
    this.draft = draft;
    /** Why nothing may be changed here; null where it may. */
    this.locked = refused("administrator");
    /** The card whose settings are open, from the address. */
    this.card = computed(() => route.value.query.get("card"));
    /** The stage whose settings are open. */
    this.stage = computed(() => route.value.query.get("stage"));
    /** "problems" or "pipeline". */
    this.show = computed(() => route.value.query.get("show"));
    /** What was found in the draft, with the cards and fields that it is about. */
    this.found = computed(() => draft.problems.value === null ? [] : [...draft.problems.value.map((problem) => ({ ...problem, ...about(draft.checked, problem.pointer) })), ...neverMet(draft.checked)]);
    this.yaml = computed(() => route.value.query.get("yaml") === "1");
    /** How many documents are in each stage now; empty until it is known. */
    this.present = signal(/** @type {Record<string, number>} */ ({}));
    this.picked = signal(/** @type {Set<string>} */ (new Set()));
    this.picking = signal(false);
    this.drag = signal(/** @type {{key: string, of: Of | "stages"} | null} */ (null));
    this.over = signal(/** @type {{stage: number, of: Of | "stages", index: number} | null} */ (null));
    /** The field of the open settings that is to get the focus. */
    this.wanted = signal(/** @type {string | null} */ (null));
    /** What is read out. */
    this.announcement = signal("");
    /** The dialog over it all. */
    this.dialog = signal(/** @type {any} */ (null));
    /** Whether somebody wants to look before choosing between two versions. */
    this.later = signal(false);
  }

  get content() {
    return this.draft.content.peek();
  }

  /** @param {string | null} key @param {string | null} [field] */
  open(key, field = null) {
    this.wanted.value = field;
    filter({ card: key, stage: null, show: null });
  }
  /** @param {string | null} id */
  openStage(id) {
    filter({ card: null, stage: id, show: null });
  }
  /** @param {string | null} what */
  openShow(what) {
    filter({ card: null, stage: null, show: what });
  }
  /** Open the card, stage or settings that a problem is about. @param {{key: string | null, stageId: string | null, field: string[]}} found */
  openFound({ key, stageId, field }) {
    if (key) this.open(key, field.join(".") || "name");
    else if (stageId !== null) this.openStage(stageId);
    else {
      this.wanted.value = field.join(".") || "name";
      this.openShow("pipeline");
    }
  }
  /** Close what is open, and give the focus back to its card. */
  close() {
    const key = this.card.peek() ?? (this.stage.peek() === null ? null : `stages:${this.stage.peek()}`);
    filter({ card: null, stage: null, show: null });
    if (key) this.focus(key);
  }
  /** @param {string} key */
  focus(key) {
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const element = /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${CSS.escape(key)}"]`));
      element?.focus();
      element?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }));
  }
  /** @param {string} text */
  tell(text) {
    this.announcement.value = this.announcement.peek() === text ? `${text} ` : text;
  }

  /** Change the draft, and offer to take it back. @param {string} what @param {(content: any) => any} change */
  act(what, change) {
    if (this.locked) return;
    this.draft.edit(what, change);
    const after = this.content;
    messages.value = messages.peek().filter((message) => !message.undo);
    say(what, () => {
      if (this.content === after) this.undo();
      else this.tell(t("ed.undo too late"));
    });
  }
  undo() {
    const what = this.draft.undo();
    if (what !== null) this.tell(t("ed.undone", { what: what || t("ed.a change") }));
  }
  redo() {
    const what = this.draft.redo();
    if (what !== null) this.tell(t("ed.redone", { what: what || t("ed.a change") }));
  }

  // --- triggers and rules

  /** A new one of a kind, with what is known already. @param {Of} of @param {number} stage @param {string} kind @param {number} [index] @returns {string} Its key. */
  add(of, stage, kind, index = listOf(this.content.stages[stage], of).length) {
    const row = rowOf(of, kind);
    const id = freeId(this.content, kind.replaceAll("_", "-"));
    /** @type {any} */
    const item = { id, kind };
    const sender = sendersOf(this.content)[0];
    if (sender && row?.settings.some((setting) => /^from$/.test(setting))) item.settings = { from: sender };
    this.draft.edit(t("ed.done added", { name: titleOf(of, item) }), (content) => insert(content, { stage, of, index }, [item]));
    this.tell(t("ed.told added", { name: titleOf(of, item), stage: nameOf(this.content.stages[stage]) }));
    remember(of, kind);
    return keyOf(of, item);
  }
  /** @param {string} key */
  item(key) {
    const place = placeOf(this.content, key);
    return place ? at(this.content, place) : null;
  }
  /** @param {string} key */
  title(key) {
    const item = this.item(key);
    return item ? titleOf(/** @type {Of} */ (key.split(":")[0]), item) : "";
  }
  /** A card or a stage as people call it. @param {string} key */
  called(key) {
    return key.startsWith("stages:") ? nameOf(stagesOf(this.content).find((stage) => `stages:${stage.id}` === key)) : this.title(key);
  }
  /** @param {string} key */
  copy(key) {
    const place = placeOf(this.content, key);
    if (!place) return;
    const item = at(this.content, place);
    const copy = { ...item, id: freeId(this.content, item.id), ...(item.name ? { name: t("ed.copy of", { name: item.name }) } : {}) };
    this.act(t("ed.done copied", { name: this.title(key) }), (content) => insert(content, { ...place, index: place.index + 1 }, [copy]));
    this.focus(keyOf(place.of, copy));
  }
  /** @param {string[]} keys */
  remove(keys) {
    const place = placeOf(this.content, keys[0]);
    const what = keys.length === 1 ? t("ed.done removed", { name: this.title(keys[0]) }) : t("ed.done removed several", { n: keys.length });
    if (keys.includes(this.card.peek() ?? "")) filter({ card: null });
    this.act(what, (content) => without(content, keys));
    this.picked.value = new Set([...this.picked.peek()].filter((key) => !keys.includes(key)));
    if (!place) return;
    const left = listOf(this.content.stages[place.stage], place.of);
    const next = left[Math.min(place.index, left.length - 1)];
    this.focus(next ? keyOf(place.of, next) : `${place.of}+${place.stage}`);
  }
  /** @param {string[]} keys @param {boolean} on */
  switch(keys, on) {
    const what = keys.length === 1 ? t(on ? "ed.done on" : "ed.done off", { name: this.title(keys[0]) }) : t(on ? "ed.done on several" : "ed.done off several", { n: keys.length });
    this.act(what, (content) =>
      keys.reduce((whole, key) => {
        const place = placeOf(whole, key);
        return place ? replace(whole, place, put(at(whole, place), ["enabled"], on ? undefined : false)) : whole;
      }, content),
    );
  }
  /** @param {string} key @param {Place} to */
  move(key, to) {
    const before = this.content;
    if (this.locked || moved(before, key, to) === before) return;
    this.act(t("ed.done moved", { name: this.title(key) }), (content) => moved(content, key, to));
    this.tellPlace(key);
    this.focus(key);
  }
  /** By one step. @param {string} key @param {"up" | "down" | "left" | "right"} where */
  step(key, where) {
    const from = placeOf(this.content, key);
    if (!from) return;
    const length = listOf(this.content.stages[from.stage], from.of).length;
    const stage = from.stage + (where === "left" ? -1 : where === "right" ? 1 : 0);
    const index = where === "up" ? from.index - 1 : where === "down" ? from.index + 2 : Infinity;
    if (index < 0 || (where === "down" && from.index + 1 >= length) || !this.content.stages[stage]) return this.tell(t("ed.told end"));
    const there = listOf(this.content.stages[stage], from.of).length;
    this.move(key, { stage, of: from.of, index: Math.min(index, stage === from.stage ? length : there) });
  }
  /** @param {string} key */
  tellPlace(key) {
    const place = placeOf(this.content, key);
    if (!place) return;
    const stage = this.content.stages[place.stage];
    this.tell(t("ed.told place", { name: this.title(key), stage: nameOf(stage), place: place.index + 1, of: listOf(stage, place.of).length }));
  }
  /** Set a value of a trigger or rule. @param {string} key @param {(string | number)[]} path @param {any} value @param {string} label */
  set(key, path, value, label) {
    this.draft.edit(
      t("ed.done set", { label, name: this.title(key) }),
      (content) => {
        const place = placeOf(content, key);
        return place ? put(content, ["stages", place.stage, place.of, place.index, ...path], value) : content;
      },
      `${key} ${path.join(".")}`,
    );
  }

  // --- stages

  /** @param {number} index @param {string} [name] */
  addStage(index, name = t("ed.new stage")) {
    const id = freeStageId(this.content, slug(name));
    this.act(t("ed.done stage added"), (content) => ({ ...content, stages: [...stagesOf(content).slice(0, index), { id, name }, ...stagesOf(content).slice(index)] }));
    this.wanted.value = "name";
    this.openStage(id);
  }
  /** @param {string} id */
  removeStage(id) {
    const name = nameOf(stagesOf(this.content).find((stage) => stage.id === id));
    if (this.stage.peek() === id) filter({ stage: null });
    this.act(t("ed.done stage removed", { name }), (content) => ({ ...content, stages: stagesOf(content).filter((stage) => stage.id !== id) }));
  }
  /** To before the stage at that index. @param {string} id @param {number} index */
  moveStage(id, index) {
    const stages = stagesOf(this.content);
    const from = stages.findIndex((stage) => stage.id === id);
    const to = from < index ? index - 1 : index;
    if (from < 0 || to === from) return;
    if (to < 0 || to >= stages.length) return this.tell(t("ed.told end"));
    const name = nameOf(stages[from]);
    this.act(t("ed.done stage moved", { name }), (content) => {
      const left = stagesOf(content).filter((stage) => stage.id !== id);
      return { ...content, stages: [...left.slice(0, to), stages[from], ...left.slice(to)] };
    });
    this.tell(t("ed.told stage place", { name, place: to + 1, of: stages.length }));
    this.focus(`stages:${id}`);
  }

  // --- picking

  /** @param {string} key */
  pick(key) {
    const picked = new Set(this.picked.peek());
    if (!picked.delete(key)) picked.add(key);
    this.picked.value = picked;
    this.picking.value = picked.size > 0 || this.picking.peek();
    this.tell(t("ed.told picked", { n: picked.size }));
  }
  unpick() {
    this.picked.value = new Set();
    this.picking.value = false;
  }
  get ready() {
    return catalogue.value !== null;
  }
}
