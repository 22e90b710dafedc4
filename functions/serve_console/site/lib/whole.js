// @ts-check
/** Lists as a whole: all their pages, and as a file that is made here, in the browser. */
import { call, whole } from "./api.js";

/** A page of a list that is asked for with GET. @param {string} path @param {Record<string, any>} [query] */
export const listed = (path, query = {}) => async (/** @type {string | null} */ cursor) =>
  (await call("GET", path, { query: { limit: 100, ...query, cursor } })).value;

const MOST_REJECTED = 1000;

/** The genuine webhooks that could not be read (of one connection), newest first, and what of them this version cannot read. @param {string} connection */
export async function rejectedRequests(connection) {
  /** @type {string[]} */ const unreadable = [];
  const page = listed("/rejected-requests", { connection });
  const { items } = await whole(async (cursor) => {
    const part = await page(cursor);
    unreadable.push(...part.unreadable);
    return part;
  }, { most: MOST_REJECTED });
  return { items: items.sort((item, other) => (item.received_at < other.received_at ? 1 : -1)), unreadable };
}

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
