// @ts-check
/** The pipeline file beside the columns: what is typed here is in the forms, and what is done there is here. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { get } from "../../lib/api.js";
import { Button, Failed, Loading, filter, html, t } from "../../lib/ui.js";

const PAUSE = 900;

/** @param {{desk: import("./desk.js").Desk}} props */
export function Yaml({ desk }) {
  const { draft } = desk;
  const [text, type] = useState(/** @type {string | null} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [waits, wait] = useState(false);
  const own = useRef(/** @type {any} */ ({ typed: null, timer: 0, of: null }));
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const content = draft.content.value;
  const state = draft.state.value;

  useEffect(() => {
    if (own.current.typed !== null || own.current.of === content || !["saved", "published"].includes(state)) return;
    own.current.of = content;
    const path = state === "published" ? `/pipelines/${encodeURIComponent(draft.pipeline)}/versions/${draft.published.peek().version}/yaml` : `${draft.path}/yaml`;
    get(path).then((answer) => own.current.typed === null && (type(answer.yaml), tell(null)), tell);
  }, [content, state]);
  useEffect(() => () => {
    clearTimeout(own.current.timer);
    if (own.current.typed !== null) take();
  }, []);

  async function take() {
    clearTimeout(own.current.timer);
    const typed = own.current.typed;
    if (typed === null) return;
    try {
      await draft.saveYaml(typed, t("ed.done yaml"));
      if (own.current.typed !== typed) return;
      own.current.typed = null;
      own.current.of = draft.content.peek();
      wait(false);
      tell(null);
    } catch (error) {
      tell(error);
    }
  }
  function write(/** @type {any} */ event) {
    own.current.typed = event.target.value;
    type(event.target.value);
    wait(true);
    clearTimeout(own.current.timer);
    own.current.timer = setTimeout(take, PAUSE);
  }
  /** Back to what the draft says, away from what cannot be read. */
  function leave() {
    own.current.typed = own.current.of = null;
    clearTimeout(own.current.timer);
    wait(false);
    tell(null);
    get(`${draft.path}/yaml`).then((answer) => type(answer.yaml), tell);
  }
  /** To the lines of the card that is open. */
  function seek() {
    const id = (desk.card.peek() ?? "").split(":")[1] ?? desk.stage.peek();
    const field = area.current;
    const at = id && field ? field.value.search(new RegExp(`^\\s*- id: "?${id}"?$`, "m")) : -1;
    if (!field || at < 0) return;
    field.scrollTop = Math.max(0, (field.value.slice(0, at).split("\n").length - 1) * Number.parseFloat(getComputedStyle(field).lineHeight));
  }
  const card = desk.card.value ?? desk.stage.value;
  useEffect(seek, [card, text === null]);
  const line = Number(/line (\d+)/.exec(problem?.message ?? "")?.[1] ?? 0);
  return html`<aside class="side yaml" aria-label=${t("ed.pipeline file")}>
    <header class="row"><h2>${t("ed.pipeline file")}</h2><span class="grow"></span>
      <button type="button" class="more" aria-label=${t("ed.close")} title=${t("ed.close")} onClick=${() => filter({ yaml: null })}>×</button></header>
    ${text === null ? problem ? html`<${Failed} problem=${problem} />` : html`<${Loading} />` : html`<textarea ref=${area} class="input code" spellcheck=${false} aria-label=${t("ed.pipeline file")} aria-invalid=${problem ? "true" : undefined} aria-describedby="yaml-state" readonly=${Boolean(desk.locked)} value=${text} onInput=${write} onBlur=${take}></textarea>`}
    <div id="yaml-state" class="state" role="status">${problem
      ? html`<p class="bad">${problem.message}</p><p class="row">${line ? html`<${Button} onClick=${() => mark(area.current, line)}>${t("ed.to line", { n: line })}<//>` : null}<${Button} onClick=${leave}>${t("ed.leave yaml")}<//></p>`
      : html`<p class="dim">${waits ? t("ed.yaml reading") : t("ed.yaml same")}</p>`}</div>
  </aside>`;
}

/** @param {HTMLTextAreaElement | null} field @param {number} line */
function mark(field, line) {
  if (!field) return;
  const lines = field.value.split("\n");
  const from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  field.focus();
  field.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
}
