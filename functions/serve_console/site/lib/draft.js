// @ts-check
/**
 * A pipeline that is edited: here at once, on the server a moment later.
 *
 * What is edited is plain values that are never changed in place, so that undo is taking the ones of before.
 */
import { signal } from "../vendor/preact.js";
import { Problem, absent, call, get, passes, session } from "./api.js";

const PAUSE = 700;
const THINK = 350;
const AGAIN = 4000;
const LOOK = 8000;
const TOGETHER = 1500;
const KEPT = 300;

/** @typedef {{content: any, what: string}} Step */

/** Drafts that somebody left before they could be saved. @type {Map<string, Draft>} */
const left = new Map();

/** The draft of a pipeline; the one of before where that has unsaved edits still. @param {string} pipeline */
export function draftOf(pipeline) {
  const before = left.get(pipeline);
  left.delete(pipeline);
  return before ?? new Draft(pipeline);
}

export class Draft {
  /** @param {string} pipeline */
  constructor(pipeline) {
    this.pipeline = pipeline;
    this.path = `/drafts/${encodeURIComponent(pipeline)}`;
    /** What is seen and edited; null until it is loaded. */
    this.content = signal(/** @type {any} */ (null));
    /** "loading", "saved", "unsaved", "saving", "failed", "conflict", "gone", "published" (no draft yet), "none" (neither). */
    this.state = signal("loading");
    /** Why loading or saving failed. */
    this.problem = signal(/** @type {any} */ (null));
    /** What the API found in it; null until it has looked. */
    this.problems = signal(/** @type {any[] | null} */ (null));
    /** The content that they were found in. @type {any} */
    this.checked = null;
    /** Told who saved what was taken over from another. @type {((who: string) => void) | null} */
    this.onOthers = null;
    /** What another saved meanwhile. */
    this.theirs = signal(/** @type {any} */ (null));
    /** The draft without its content: base_version, saved_at, saved_by. */
    this.about = signal(/** @type {any} */ (null));
    /** What is published; null where nothing is. */
    this.published = signal(/** @type {any} */ (null));
    this.past = signal(/** @type {Step[]} */ ([]));
    this.future = signal(/** @type {Step[]} */ ([]));
    /** @type {string | null} */ this.etag = null;
    /** What the server has. @type {any} */ this.kept = null;
    this._mark = "";
    this._marked = 0;
    /** @type {Promise<void> | null} */ this._saving = null;
  }

  /** Begin, or go on after having been left. */
  begin() {
    this._ended = false;
    this._look = setInterval(() => this.look(), LOOK);
    return this.content.peek() ? this.save() : this.load();
  }

  async load() {
    clearTimeout(this._timer);
    this.state.value = "loading";
    this.problem.value = null;
    try {
      const [published, draft] = await Promise.all([get(`/pipelines/${encodeURIComponent(this.pipeline)}`).catch(absent), this._fetched()]);
      this.published.value = published;
      if (draft) this._take(draft.value, draft.etag);
      else if (published) {
        this.content.value = this.kept = published.content;
        this.state.value = "published";
      } else this.state.value = "none";
      if (this.content.value) this.check(0);
    } catch (error) {
      this.problem.value = error;
      this.state.value = "failed";
      if (passes(error) && !this._ended) this._timer = setTimeout(() => this.load(), AGAIN);
    }
  }

  /**
   * Change it. Edits with the same mark that follow each other, such as typing in one field, are undone together.
   * @param {string} what What was done, for undo. @param {(content: any) => any} change @param {string} [mark]
   */
  edit(what, change, mark = "") {
    const before = this.content.peek();
    const after = change(before);
    if (after === before) return;
    const now = Date.now();
    const goesOn = mark && mark === this._mark && now - this._marked < TOGETHER;
    if (!goesOn) this.past.value = [...this.past.peek().slice(-KEPT), { content: before, what }];
    this._mark = mark;
    this._marked = now;
    this.future.value = [];
    this._show(after);
  }

  undo() {
    return this._step(this.past, this.future);
  }
  redo() {
    return this._step(this.future, this.past);
  }
  /** @param {import("../vendor/preact.js").Signal<Step[]>} from @param {import("../vendor/preact.js").Signal<Step[]>} into */
  _step(from, into) {
    const step = from.peek().at(-1);
    if (!step) return null;
    into.value = [...into.peek(), { content: this.content.peek(), what: step.what }];
    from.value = from.peek().slice(0, -1);
    this._mark = "";
    this._show(step.content);
    return step.what;
  }

  _show(content) {
    this.content.value = content;
    if (!["conflict", "gone"].includes(this.state.peek())) this.state.value = "unsaved";
    this.later();
    this.check(THINK);
  }

  later(pause = PAUSE) {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this.save(), pause);
  }

  /** Save what is not saved; done when it is, or when it cannot be. */
  async save() {
    clearTimeout(this._timer);
    while (this._saving) await this._saving;
    if (["conflict", "gone", "none", "loading"].includes(this.state.peek()) || this.content.peek() === this.kept) {
      if (this.state.peek() === "unsaved" && this.etag) this.state.value = "saved";
      return;
    }
    this._saving = this._saved({ content: this.content.peek() }).then(() => {}, () => {});
    await this._saving;
    this._saving = null;
  }

  /** Take the text of a pipeline file as what the draft says. @param {string} yaml @param {string} what */
  async saveYaml(yaml, what) {
    await this.save();
    while (this._saving) await this._saving;
    const taken = this._takeYaml(yaml, what);
    this._saving = taken.then(() => {}, () => {});
    return taken.finally(() => (this._saving = null));
  }
  /** @param {string} yaml @param {string} what */
  async _takeYaml(yaml, what) {
    await this._begin();
    const before = this.content.peek();
    const { value, etag } = await this._put({ yaml });
    const content = value.content.pipeline === this.pipeline ? value.content : { ...value.content, pipeline: this.pipeline };
    if (JSON.stringify(content) === JSON.stringify(before)) {
      this._take({ ...value, content: before }, etag);
      return value.content;
    }
    this.past.value = [...this.past.peek().slice(-KEPT), { content: before, what }];
    this.future.value = [];
    this._take({ ...value, content }, etag);
    if (content !== value.content) this._show({ ...content });
    this.check(0);
    return value.content;
  }

  async _saved(body) {
    this.state.value = "saving";
    try {
      await this._begin();
      const { value, etag } = await this._put(body);
      this.etag = etag;
      this.kept = body.content;
      this.about.value = head(value);
      this.problem.value = null;
      this.state.value = this.content.peek() === this.kept ? "saved" : "unsaved";
      if (this.state.peek() === "unsaved") this.later();
    } catch (error) {
      this._failed(error);
      throw error;
    }
  }

  /** @param {any} body */
  async _put(body) {
    try {
      return await call("PUT", this.path, { body, etag: this.etag });
    } catch (error) {
      if (error instanceof Problem && [404, 412].includes(error.status)) await this._met(error);
      throw error;
    }
  }

  /** Make a draft of what is published, where there is none yet. */
  async _begin() {
    if (this.etag) return;
    const { value, etag } = await call("POST", "/drafts", { body: { from_pipeline: this.pipeline, from_version: this.published.peek()?.version } }).catch(async (error) => {
      if (error.status !== 409) throw error;
      await this._met(error);
      throw error;
    });
    this.etag = etag;
    this.about.value = head(value);
  }

  async _met(error) {
    const there = await this._fetched();
    this.theirs.value = there;
    this.state.value = there ? "conflict" : "gone";
    this.problem.value = error;
  }

  _failed(error) {
    if (["conflict", "gone"].includes(this.state.peek())) return;
    this.problem.value = error;
    this.state.value = "failed";
    if (passes(error)) this.later(AGAIN);
  }

  /**
   * Settle who wins: what is here, what another saved, or one made of both; what was here or loses is one undo away.
   * @param {"mine" | "theirs" | "both"} whose @param {any} [joint] What both are together.
   */
  async settle(whose, joint) {
    const { value, etag } = this.theirs.peek();
    const mine = this.content.peek();
    this.etag = etag;
    this.about.value = head(value);
    this.kept = value.content;
    this.theirs.value = null;
    this.problem.value = null;
    const [wins, loses] = whose === "mine" ? [mine, value.content] : [whose === "both" ? joint : value.content, mine];
    this.past.value = [...this.past.peek(), { content: loses, what: "" }];
    this.future.value = [];
    this.state.value = "unsaved";
    this._show(wins);
    await this.save();
  }

  /** Another removed the draft: make it again with what is here. */
  async again() {
    const { value, etag } = await call("POST", "/drafts", { body: { content: { ...this.content.peek(), pipeline: this.pipeline } } });
    this.etag = etag;
    this.about.value = head(value);
    this.kept = this.content.peek();
    this.problem.value = null;
    this.state.value = "saved";
  }

  /** Forget the draft; what is published stays. */
  async discard() {
    await this.save();
    if (this.etag) await call("DELETE", this.path, { etag: this.etag });
    this.etag = null;
    this.kept = null;
    this.about.value = null;
    this.past.value = [];
    this.future.value = [];
    await this.load();
  }

  /** Take over what another saved, while nothing here is unsaved. */
  async look() {
    if (document.visibilityState !== "visible" || !this.etag || this.state.peek() !== "saved" || this._looking) return;
    this._looking = true;
    try {
      const there = await this._fetched();
      if (this.state.peek() !== "saved" || there?.etag === this.etag) return;
      if (!there) await this.load();
      else {
        this.past.value = [...this.past.peek(), { content: this.content.peek(), what: "" }];
        this._take(there.value, there.etag);
        this.check(0);
        this.onOthers?.(there.value.saved_by);
      }
    } catch {
      /* it is looked again */
    } finally {
      this._looking = false;
    }
  }

  _take(value, etag) {
    this.etag = etag;
    this.about.value = head(value);
    this.content.value = this.kept = value.content;
    this.problem.value = null;
    this.state.value = "saved";
  }

  async _fetched() {
    const answer = await call("GET", this.path, { query: { optional: true } });
    return answer.value ? answer : null;
  }

  /** Have it checked, when nothing has changed for a moment. @param {number} pause */
  check(pause) {
    clearTimeout(this._thinking);
    if (session.peek()?.role === "viewer") return;
    this._thinking = setTimeout(async () => {
      const content = this.content.peek();
      try {
        const { value } = await call("POST", "/pipelines/validate", { body: { content, pipeline: this.pipeline } });
        if (content !== this.content.peek()) return;
        this.checked = content;
        this.problems.value = value.problems;
      } catch (error) {
        if (passes(error) && !this._ended) this.check(AGAIN);
      }
    }, pause);
  }

  /** Nothing waits any more; what is unsaved is saved. */
  end() {
    this._ended = true;
    clearInterval(this._look);
    clearTimeout(this._thinking);
    clearTimeout(this._timer);
    if (!["unsaved", "saving", "failed", "conflict", "gone"].includes(this.state.peek()) || !this.content.peek()) return;
    left.set(this.pipeline, this);
    this.save();
  }
}

const head = (/** @type {any} */ { content, ...rest }) => rest;
