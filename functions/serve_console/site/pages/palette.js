// @ts-check
/** The command palette: pages, and documents that the typed words find. */
import { useEffect, useRef, useState } from "../vendor/preact.js";
import { get } from "../lib/api.js";
import { Dialog, go, html, t, to } from "../lib/ui.js";

const PAUSE = 200;

/** @param {{pages: string[], close: () => void}} props */
export default function Palette({ pages, close }) {
  const [text, type] = useState("");
  const [documents, find] = useState(/** @type {any[]} */ ([]));
  const [place, stand] = useState(0);
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    if (text.trim().length < 2) return find([]);
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        find((await get("/documents", { text: text.trim(), limit: 8 })).items);
      } catch {
        if (!stop.signal.aborted) find([]);
      }
    }, PAUSE);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [text]);
  const folded = text.trim().toLocaleLowerCase();
  const choices = [
    ...pages.filter((page) => t(`page ${page}`).toLocaleLowerCase().includes(folded)).map((pageName) => ({ label: t(`page ${pageName}`), about: t("page"), address: to([pageName]) })),
    ...documents.map((row) => ({ label: row.title || row.number || row.id, about: `${row.pipeline} · ${row.stage_name}`, address: to(["documents", row.id]) })),
  ];
  const at = Math.min(place, Math.max(0, choices.length - 1));
  /** @param {{address: string}} choice */
  function choose(choice) {
    close();
    go(choice.address);
  }
  return html`<${Dialog} title=${t("search")} close=${close}>
    <input
      ref=${input}
      class="input"
      type="search"
      role="combobox"
      aria-expanded="true"
      aria-controls="palette"
      aria-activedescendant=${choices.length ? `choice-${at}` : undefined}
      aria-label=${t("search hint")}
      placeholder=${t("search hint")}
      value=${text}
      onInput=${(/** @type {any} */ event) => {
        type(event.target.value);
        stand(0);
      }}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        if (event.key === "ArrowDown") stand(Math.min(at + 1, choices.length - 1));
        else if (event.key === "ArrowUp") stand(Math.max(at - 1, 0));
        else if (event.key === "Enter" && choices[at]) choose(choices[at]);
        else return;
        event.preventDefault();
      }}
    />
    <ul class="choices" id="palette" role="listbox" aria-label=${t("found")}>
      ${choices.map((choice, index) => html`<li key=${choice.address} id=${`choice-${index}`} role="option" aria-selected=${index === at} onClick=${() => choose(choice)}>
        <b>${choice.label}</b> <span class="dim">${choice.about}</span>
      </li>`)}
    </ul>
    ${choices.length ? null : html`<p class="dim" role="status">${t("nothing found")}</p>`}
  <//>`;
}
