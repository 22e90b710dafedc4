// @ts-check
/** Several values: chosen ones with a way out, and what can be added; and pairs of a name and a value. */
import { useId, useState } from "../../vendor/preact.js";
import { html, t } from "../../lib/ui.js";
import { Menu } from "./menu.js";

/** @typedef {{value: string, label: string}} Choice */

/**
 * Chosen values; with `ordered` their order counts and can be changed, and that hears where one is then.
 * @param {{value: string[] | undefined, change: (value: string[] | undefined) => void, choices: Choice[], label: string, say: (value: string) => string, free?: string | boolean, freeHint?: string, ordered?: (text: string) => void, rest?: any}} props
 */
export function ListOf({ value, change, choices, label, say, free, freeHint, ordered }) {
  const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [String(value)];
  const [typing, type] = useState(/** @type {string | null} */ (null));
  const id = useId();
  const left = choices.filter((choice) => !list.includes(choice.value));
  const set = (/** @type {string[]} */ next) => change(next.length ? next : undefined);
  const name = (/** @type {string} */ item) => choices.find((choice) => choice.value === item)?.label ?? say(item);
  function take() {
    const text = (typing ?? "").trim();
    if (text && !list.includes(text)) set([...list, text]);
    type(null);
    focusOn(id);
  }
  function move(/** @type {number} */ index, /** @type {"up" | "down"} */ where) {
    const to = index + (where === "up" ? -1 : 1);
    if (to < 0 || to >= list.length) return ordered?.(t("ed.told end"));
    set(list.map((entry, other) => (other === to ? list[index] : other === index ? list[to] : entry)));
    ordered?.(t("ed.told in list", { name: name(list[index]), place: to + 1, of: list.length }));
    focusOn(`${id}-${where}-${to}`);
  }
  const moves = ordered && list.length > 1;
  return html`${list.length ? html`<ul class=${moves ? "chips ordered" : "chips"}>${list.map((chip, index) => html`<li key=${chip}>
      <span dir="auto">${name(chip)}</span>
      ${moves ? html`<${Step} id=${`${id}-up-${index}`} label=${t("ed.move it up", { what: name(chip) })} off=${index === 0} act=${() => move(index, "up")}>↑<//>
        <${Step} id=${`${id}-down-${index}`} label=${t("ed.move it down", { what: name(chip) })} off=${index === list.length - 1} act=${() => move(index, "down")}>↓<//>` : null}
      <button type="button" aria-label=${t("ed.remove it", { what: name(chip) })} title=${t("ed.remove it", { what: name(chip) })} onClick=${() => {
        set(list.filter((_, other) => other !== index));
        focusOn(id);
      }}>×</button>
    </li>`)}</ul>` : null}
    ${typing === null
      ? left.length || free ? html`<${Menu} label=${t("ed.add to", { label })} face=${t("ed.add one")} className="button" rest=${{ id }} items=${() => [
          ...left.map((choice) => ({ text: choice.label, act: () => set([...list, choice.value]) })),
          free ? { text: typeof free === "string" ? free : t("ed.write another"), act: () => type("") } : null,
        ]} />` : null
      : html`<div class="row free"><input class="input" id=${id} autofocus aria-label=${t("ed.add to", { label })} placeholder=${freeHint ?? "name@acme.example"} value=${typing} ref=${(/** @type {any} */ own) => own && typing === "" && own.focus()}
          onInput=${(/** @type {any} */ event) => type(event.target.value)} onBlur=${() => typing && take()}
          onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
            if (event.key === "Enter") take();
            else if (event.key === "Escape") type(null);
            else return;
            event.preventDefault();
            event.stopPropagation();
          }} />
        <button type="button" class="button" onClick=${take}>${t("add")}</button></div>`}`;
}
/** One place further; switched off at the end, where it keeps the focus. @param {{id: string, label: string, off: boolean, act: () => void, children?: any}} props */
const Step = ({ id, label, off, act, children }) => html`<button type="button" class="step" id=${id} aria-label=${label} title=${label} aria-disabled=${off ? "true" : undefined} onClick=${act}><span aria-hidden="true">${children}</span></button>`;

/** Give the focus to what has an id, once it is drawn. */
export const focusOn = (/** @type {string} */ id) => requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById(id)?.focus()));

/**
 * A mapping as rows of a name and a value.
 * @param {{value: Record<string, any> | undefined, change: (value: any) => void, label: string, keys?: Choice[], keyLabel: string, valueLabel: string, draw?: (key: string, value: any, change: (value: any) => void, rest: any) => any}} props
 */
export function Pairs({ value, change, label, keys, keyLabel, valueLabel, draw }) {
  const rows = Object.entries(value ?? {});
  const [name, type] = useState("");
  const left = keys?.filter((key) => !(key.value in (value ?? {})));
  const set = (/** @type {[string, any][]} */ next) => change(next.length ? Object.fromEntries(next) : undefined);
  const titled = (/** @type {string} */ key) => keys?.find((choice) => choice.value === key)?.label ?? key;
  function add(/** @type {string} */ key) {
    if (key && !(key in (value ?? {}))) set([...rows, [key, draw ? null : ""]]);
    type("");
  }
  return html`<div class="pairs">
    ${rows.map(([key, text], index) => {
      const rest = { "aria-label": `${titled(key)}: ${valueLabel}` };
      const put = (/** @type {any} */ next) => set(rows.map((row, other) => (other === index ? [key, next] : row)));
      return html`<div class="pair" key=${key}>
        <span dir="auto">${titled(key)}</span>
        ${draw ? draw(key, text, put, rest) : html`<input class="input" value=${text ?? ""} onInput=${(/** @type {any} */ event) => put(event.target.value)} ...${rest} />`}
        <button type="button" class="more" aria-label=${t("ed.remove it", { what: titled(key) })} title=${t("ed.remove it", { what: titled(key) })} onClick=${() => set(rows.filter((_, other) => other !== index))}>×</button>
      </div>`;
    })}
    ${left
      ? left.length ? html`<p><${Menu} label=${t("ed.add to", { label })} face=${t("ed.add one")} className="button" items=${() => left.map((choice) => ({ text: choice.label, act: () => add(choice.value) }))} /></p>` : null
      : html`<div class="row free"><input class="input" aria-label=${`${t("ed.add to", { label })}: ${keyLabel}`} placeholder=${keyLabel} value=${name} onInput=${(/** @type {any} */ event) => type(event.target.value)}
          onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            add(name.trim());
          }} /><button type="button" class="button" onClick=${() => add(name.trim())}>${t("add")}</button></div>`}
  </div>`;
}
