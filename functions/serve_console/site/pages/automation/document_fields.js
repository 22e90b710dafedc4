// @ts-check
/** The pipeline's own fields of documents. */
import { useState } from "../../vendor/preact.js";
import { html, t, translated } from "../../lib/ui.js";
import { ListOf, focusOn } from "./lists.js";
import { slug } from "../../lib/slug.js";
import { Wrong, having, mappingOf, within } from "./part_form.js";
import { settingOf } from "./parts.js";

/** @param {import("./part_form.js").Props} props */
export function DocumentFields({ value, change, errors, around, rest }) {
  const rows = Object.entries(mappingOf(value));
  const types = settingOf("field", "type").choices;
  const put = (/** @type {string} */ id, /** @type {any} */ spec, /** @type {string} */ mark = "") => change(having(value, id, spec), `${around.path}.${id}.${mark}`);
  function drop(/** @type {string} */ id) {
    change(rows.length === 1 ? undefined : having(value, id, undefined));
    focusOn(rest.id);
  }
  return html`<div class="pairs">
    ${rows.map(([id, spec]) => {
      const problems = within(errors, id);
      const invalid = problems.length ? "true" : undefined;
      return html`<div class="spec" key=${id} role="group" aria-label=${spec?.label || id}>
        <input class="input" aria-label=${t("ed.label of field", { id })} value=${spec?.label ?? ""} placeholder=${id} onInput=${(/** @type {any} */ event) => put(id, having(spec, "label", event.target.value || undefined), "label")} />
        <select class="input" aria-label=${t("ed.type of field", { id })} aria-invalid=${invalid} value=${spec?.type ?? "text"} onChange=${(/** @type {any} */ event) => put(id, having({ ...mappingOf(spec), type: event.target.value }, "options", event.target.value === "choice" ? spec?.options ?? [] : undefined))}>
          ${types.map((/** @type {any} */ choice) => html`<option key=${choice.value} value=${choice.value}>${translated(choice.label)}</option>`)}</select>
        <button type="button" class="more" aria-label=${t("ed.remove it", { what: spec?.label || id })} title=${t("ed.remove it", { what: spec?.label || id })} onClick=${() => drop(id)}>×</button>
        ${spec?.type === "choice" ? html`<div class="wide"><${ListOf} value=${spec.options ?? []} choices=${[]} label=${t("ed.options of field", { id })} say=${(/** @type {string} */ option) => option} free freeHint=${t("ed.value")} change=${(/** @type {any} */ options) => put(id, having(spec, "options", options ?? []))} /></div>` : null}
        ${problems.length ? html`<div class="wide"><${Wrong} errors=${problems} /></div>` : null}
      </div>`;
    })}
    <${Add} id=${rest.id} value=${value} change=${change} />
  </div>`;
}

/** @param {{id: string, value: any, change: (value: any) => void}} props */
function Add({ id: own, value, change }) {
  const [name, type] = useState("");
  function add() {
    const id = slug(name).replaceAll("-", "_").replace(/^[0-9_]+/, "");
    if (!name.trim() || !id || mappingOf(value)[id]) return;
    change({ ...mappingOf(value), [id]: { type: "text", ...(name !== id ? { label: name } : {}) } });
    type("");
  }
  return html`<div class="row free"><input class="input" id=${own} aria-label=${t("ed.new field")} placeholder=${t("ed.new field")} value=${name} onInput=${(/** @type {any} */ event) => type(event.target.value)} onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    add();
  }} /><button type="button" class="button" aria-label=${`${t("add")}: ${t("ed.new field")}`} onClick=${add}>${t("add")}</button></div>`;
}
