// @ts-check
/**
 * The HTML of a mail as it reads, made of the page's own elements.
 *
 * Nothing of it is given to the browser as HTML: known tags become elements without their attributes, the rest is text. So nothing in it
 * can run, load or send, and the page's policy needs no exception.
 */
import { useState } from "../../vendor/preact.js";
import { html, t } from "../../lib/ui.js";
import { variablesOf } from "../../lib/vocabulary.js";

const TOKEN = /<!--[\s\S]*?-->|<![^>]*>|<\/?([a-zA-Z][\w-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>|[^<]+|</g;
const VOID = new Set(["br", "hr", "img", "input", "meta", "link", "col", "wbr", "area", "base", "source"]);
/** What mail programs take out, with all that is in it. */
const DROPPED = new Set(["script", "style", "iframe", "object", "embed", "svg", "math", "form", "noscript", "template", "title", "head", "video", "audio"]);
/** What is shown, as what. @type {Record<string, string>} */
const SHOWN = {
  p: "p", div: "div", blockquote: "blockquote", ul: "ul", ol: "ol", li: "li", b: "b", strong: "strong", i: "i", em: "em", u: "u", s: "s", small: "small", code: "code", pre: "pre",
  table: "table", tbody: "tbody", thead: "tbody", tfoot: "tbody", tr: "tr", td: "td", th: "td", h1: "p", h2: "p", h3: "p", h4: "p", h5: "p", h6: "p",
};
/** @type {Record<string, string>} */
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", euro: "€", auml: "ä", ouml: "ö", uuml: "ü", Auml: "Ä", Ouml: "Ö", Uuml: "Ü", szlig: "ß", copy: "©", ndash: "–", mdash: "—", hellip: "…", middot: "·", bull: "•", laquo: "«", raquo: "»", bdquo: "„", ldquo: "“", rdquo: "”", sect: "§" };

/** @param {string} text */
const decoded = (text) => text.replace(/&(#\d+|#x[\da-f]+|\w+);/gi, (whole, name) => {
  const code = name[0] !== "#" ? NaN : /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  if (code > 0 && code <= 0x10ffff) return String.fromCodePoint(code);
  return ENTITIES[name] ?? whole;
});
/** @param {string} attributes @param {string} name */
function attribute(attributes, name) {
  const match = new RegExp(`\\s${name}\\s*=\\s*("([^"]*)"|'([^']*)'|([^\\s>]+))`, "i").exec(attributes);
  return match ? decoded(match[2] ?? match[3] ?? match[4]) : "";
}

/** @typedef {{tag: string, about: string, children: (Piece | string)[]}} Piece */

/** A mail's HTML as pieces, and the tags that were left out. @param {string} source @returns {{pieces: (Piece | string)[], left: string[]}} */
export function piecesOf(source) {
  /** @type {Piece} */
  const whole = { tag: "", about: "", children: [] };
  /** @type {Piece[]} */
  const open = [whole];
  /** @type {Set<string>} */
  const left = new Set();
  let skipped = "";
  for (const [token, name, attributes] of source.matchAll(TOKEN)) {
    const tag = name?.toLowerCase();
    if (skipped) {
      if (tag === skipped && token[1] === "/") skipped = "";
    } else if (!tag) {
      if (!token.startsWith("<!")) open[open.length - 1].children.push(decoded(token));
    } else if (token[1] === "/") {
      const at = open.findLastIndex((piece) => piece.tag === tag);
      if (at > 0) open.length = at;
    } else if (DROPPED.has(tag)) {
      if (tag !== "head" && tag !== "title") left.add(tag);
      if (!attributes.endsWith("/")) skipped = tag;
    } else {
      const piece = { tag, about: attribute(attributes, tag === "img" ? "alt" : "href"), children: [] };
      open[open.length - 1].children.push(piece);
      if (!VOID.has(tag) && !attributes.endsWith("/")) open.push(piece);
    }
  }
  return { pieces: whole.children, left: [...left] };
}

/** @param {{label: string, content: any, subject?: string, text?: string, source?: string}} props */
export function MailPreview({ label, content, subject, text, source }) {
  const [open, show] = useState(false);
  const { pieces, left } = piecesOf(open && typeof source === "string" ? source : "");
  const known = new Map(variablesOf(content, "send_email").map((variable) => [variable.insert, variable.label]));
  return html`<p><button type="button" class="button" aria-expanded=${open} aria-label=${`${t("ed.preview")}: ${label}`} onClick=${() => show(!open)}>${t("ed.preview")}</button></p>
    ${open ? html`<section class="letter" aria-label=${`${t("ed.preview")}: ${label}`}>
      ${subject ? html`<p><b dir="auto">${marked(subject, known)}</b></p>` : null}
      ${source ? html`<div class="reading" dir="auto">${pieces.map((piece) => drawn(piece, known))}</div>` : text ? html`<div class="reading plain" dir="auto">${marked(text, known)}</div>` : html`<p class="dim">${t("ed.no text yet")}</p>`}
      ${left.length ? html`<p class="bad">${t("ed.left out of mail", { tags: left.join(", ") })}</p>` : null}
      <p class="dim">${t("ed.preview about")}</p>
    </section>` : null}`;
}

/** @param {Piece | string} piece @param {Map<string, string>} known @returns {any} */
function drawn(piece, known) {
  if (typeof piece === "string") return marked(piece, known);
  const inner = piece.children.map((child) => drawn(child, known));
  if (piece.tag === "br") return html`<br />`;
  if (piece.tag === "hr") return html`<hr />`;
  if (piece.tag === "img") return html`<span class="pill">${t("ed.picture", { about: piece.about || "…" })}</span>`;
  if (piece.tag === "a") return html`<u>${inner}</u>${piece.about ? html` <small class="dim">(${piece.about})</small>` : null}`;
  const tag = SHOWN[piece.tag];
  if (!tag) return inner;
  if (/^h\d$/.test(piece.tag)) return html`<p><b>${inner}</b></p>`;
  return html`<${tag} role=${tag === "table" ? "presentation" : undefined}>${inner}<//>`;
}

/** Text with what is filled in marked, by its name where that is known. @param {string} text @param {Map<string, string>} known */
function marked(text, known) {
  return String(text).split(/(\{\{.*?\}\}|\{%.*?%\})/gs).filter(Boolean).map((part) => {
    if (part.startsWith("{%")) return html`<code>${part}</code>`;
    if (!part.startsWith("{{")) return part;
    const path = part.slice(2, -2).trim();
    return html`<mark>${known.get(path) ?? path}</mark>`;
  });
}
