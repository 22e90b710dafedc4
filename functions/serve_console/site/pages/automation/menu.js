// @ts-check
/** A button with a menu over the page: by mouse, touch and arrow keys. */
import { html, useLayoutEffect, useRef, useState } from "../../vendor/preact.js";

/** @typedef {{text: string, act: () => void, off?: string | boolean | null, danger?: boolean, keys?: string} | null} Item `off` is the reason. */

/** @param {{label: string, face: any, items: () => Item[], className?: string, rest?: any}} props */
export function Menu({ label, face, items, className = "more", rest = {} }) {
  const [open, set] = useState(false);
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const close = (/** @type {boolean} */ back) => {
    set(false);
    if (back) button.current?.focus();
  };
  return html`<button
      type="button" ref=${button} class=${className} aria-label=${label} title=${label} aria-haspopup="menu" aria-expanded=${open}
      onClick=${() => set(!open)}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        event.stopPropagation();
        set(true);
      }}
      ...${rest}
    >${face}</button>
    ${open ? html`<${Sheet} label=${label} items=${items().filter(Boolean)} button=${button} close=${close} />` : null}`;
}

/** @param {{label: string, items: any[], button: any, close: (back: boolean) => void}} props */
function Sheet({ label, items, button, close }) {
  const own = useRef(/** @type {HTMLElement | null} */ (null));
  const [place, set] = useState({ left: "0px", top: "0px" });
  useLayoutEffect(() => {
    const sheet = /** @type {HTMLElement} */ (own.current);
    sheet.showPopover();
    const at = button.current.getBoundingClientRect();
    const { width, height } = sheet.getBoundingClientRect();
    set({
      left: `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`,
      top: `${Math.max(8, at.bottom + 4 + height > innerHeight ? at.top - height - 4 : at.bottom + 4)}px`,
    });
    /** @type {HTMLElement | null} */ (sheet.querySelector("[role=menuitem]"))?.focus();
  }, []);
  function keys(/** @type {KeyboardEvent} */ event) {
    const all = /** @type {HTMLElement[]} */ ([...(own.current?.querySelectorAll("[role=menuitem]") ?? [])]);
    const now = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = { ArrowDown: (now + 1) % all.length, ArrowUp: (now - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    event.stopPropagation();
    if (next !== undefined) all[next].focus();
    else if (event.key === "Escape" || event.key === "Tab") close(true);
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== " ") {
      all.slice(now + 1).concat(all).find((item) => item.textContent?.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    } else return;
    event.preventDefault();
  }
  return html`<div ref=${own} class="menu" popover="auto" role="menu" aria-label=${label} style=${place} onKeyDown=${keys}
    onToggle=${(/** @type {any} */ event) => event.newState === "closed" && close(false)}>
    ${items.map((item) => html`<button type="button" role="menuitem" tabindex="-1" key=${item.text} class=${item.danger ? "danger" : ""}
      aria-disabled=${item.off ? "true" : undefined} title=${typeof item.off === "string" ? item.off : undefined}
      onClick=${(/** @type {Event} */ event) => {
        event.stopPropagation();
        if (item.off) return;
        close(true);
        item.act();
      }}>${item.text}${item.keys ? html`<kbd aria-hidden="true">${item.keys}</kbd>` : null}</button>`)}
  </div>`;
}
