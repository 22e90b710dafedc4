// @ts-check
/** Lists as a whole: all their pages, and as a file that is made here, in the browser. */
import { call } from "./api.js";

/**
 * The items of a list, page by page, until its end or until there are `most`.
 *
 * `told` hears how many there are so far; `stop` ends it with what there is. @param {(cursor: string | null) => Promise<{items: any[], next: string | null}>} page
 * @param {{most?: number, told?: (number: number) => void, stop?: AbortSignal}} [how]
 */
export async function whole(page, { most = Infinity, told, stop } = {}) {
  /** @type {any[]} */ const items = [];
  /** @type {string | null} */ let next = null;
  do {
    const found = await page(next);
    items.push(...found.items);
    next = found.next ?? null;
    told?.(items.length);
  } while (next && items.length < most && !stop?.aborted);
  return { items, next };
}

/** A page of a list that is asked for with GET. @param {string} path @param {Record<string, any>} [query] */
export const listed = (path, query = {}) => async (/** @type {string | null} */ cursor) =>
  (await call("GET", path, { query: { limit: 100, ...query, cursor } })).value;

const RISKY = /^[=+\-@\t\r]/;

/** A cell of a CSV file; what a spreadsheet would take for a formula is text. @param {any} value */
function cell(value) {
  const text = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = RISKY.test(text) ? `'${text}` : text;
  return /[",\n\r;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A CSV file (RFC 4180), with what spreadsheets need to read it as UTF-8. @param {string[]} columns @param {any[][]} rows */
export const csv = (columns, rows) => `\ufeff${[columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;

/** Hand the browser a file. @param {string} name @param {string} text @param {string} type */
export function download(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
