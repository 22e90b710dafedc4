// @ts-check
/** Days and times in a zone that need not be the browser's. Days are "2026-03-05", times "09:30", moments ISO texts. */
import { locale } from "./ui.js";

/** @param {Date} date @param {string} zone */
function wall(date, zone) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(date);
  const of = (/** @type {string} */ type) => parts.find((part) => part.type === type)?.value ?? "";
  return { day: `${of("year").padStart(4, "0")}-${of("month")}-${of("day")}`, time: `${of("hour")}:${of("minute")}`, seconds: of("second") };
}

/** The day on which a moment is. @param {string | number} at @param {string} zone */
export const dayIn = (at, zone) => wall(new Date(at), zone).day;
/** Its time of day, for an input. @param {string | number} at @param {string} zone */
export const timeIn = (at, zone) => wall(new Date(at), zone).time;
/** Its time of day, for people. @param {string} at @param {string} zone */
export const clock = (at, zone) => new Intl.DateTimeFormat(locale(), { timeZone: zone, hour: "2-digit", minute: "2-digit" }).format(new Date(at));
/** @param {string} zone */
export const today = (zone) => dayIn(Date.now(), zone);

/** @param {string} day @param {number} days */
export function plusDays(day, days) {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** The moment of a wall-clock time; where the clocks are put forward over it, the one that much later. @param {string} day @param {string} time @param {string} zone */
export function momentOf(day, time, zone) {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  let instant = wanted;
  for (let step = 0; step < 2; step++) instant = wanted - offset(instant, zone);
  return new Date(instant).toISOString();
}
/** @param {number} at @param {string} zone */
function offset(at, zone) {
  const { day, time, seconds } = wall(new Date(at), zone);
  return Date.parse(`${day}T${time}:${seconds}Z`) - Math.floor(at / 1000) * 1000;
}
/** Whether a text is a day. @param {string | null} text */
export const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
