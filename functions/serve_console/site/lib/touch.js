// @ts-check
/** Dragging by touch: what is held for a moment is lifted, and follows the finger; whoever moves sooner scrolls. */

/** Milliseconds that something is held until it is lifted; browsers open their own menus later. */
const HELD = 400;
/** Pixels that the finger may stray meanwhile. */
const STILL = 10;
/** Pixels from an edge within which the columns are scrolled, and how far at each picture of the screen. */
const EDGE = 40;
const STEP = 8;

/** @typedef {{x: number, y: number, lifted: boolean}} Finger */
/**
 * What comes of it: it is lifted, it is over a place of the window, it is let go there, it is put back where it was.
 * @typedef {{lift: () => void, aim: (x: number, y: number) => void, drop: (event: TouchEvent) => void, putBack: () => void}} Acts
 */

/** A finger is put on something within columns that may be scrolled. @param {TouchEvent} event @param {HTMLElement} columns @param {Acts} acts */
export function touched(event, columns, acts) {
  if (event.touches.length > 1) return;
  const finger = { x: event.touches[0].clientX, y: event.touches[0].clientY, lifted: false };
  const watch = new AbortController();
  const timer = setTimeout(() => {
    finger.lifted = true;
    acts.lift();
    scrolling(columns, finger, acts, watch.signal);
  }, HELD);
  const end = () => {
    clearTimeout(timer);
    watch.abort();
  };
  const cancel = () => {
    end();
    if (finger.lifted) acts.putBack();
  };
  /** @param {string} name @param {(event: any) => void} act */
  const on = (name, act) => addEventListener(name, act, { signal: watch.signal, capture: true, passive: false });
  on("touchmove", (move) => {
    if (!finger.lifted) return strayed(finger, move.touches[0]) && end();
    move.preventDefault();
    Object.assign(finger, { x: move.touches[0].clientX, y: move.touches[0].clientY });
    acts.aim(finger.x, finger.y);
  });
  on("touchend", (up) => {
    end();
    if (!finger.lifted) return;
    up.preventDefault(); // no click follows
    acts.drop(up);
  });
  on("touchcancel", cancel);
  on("touchstart", cancel); // a second finger
  on("keydown", (press) => press.key === "Escape" && finger.lifted && (stopped(press), cancel()));
  on("contextmenu", stopped);
  on("dragstart", stopped);
}

/** @param {Event} event */
function stopped(event) {
  event.preventDefault();
  event.stopPropagation();
}
/** @param {Finger} from @param {Touch} now */
const strayed = (from, now) => Math.hypot(now.clientX - from.x, now.clientY - from.y) > STILL;

/** Scroll while the finger is near an edge. @param {Element} columns @param {Finger} finger @param {Acts} acts @param {AbortSignal} until */
function scrolling(columns, finger, acts, until) {
  if (until.aborted) return;
  const box = columns.getBoundingClientRect();
  const right = towards(finger.x, Math.max(0, box.left), Math.min(innerWidth, box.right));
  const down = towards(finger.y, Math.max(0, box.top), Math.min(innerHeight, box.bottom));
  if (right || down) {
    const before = columns.scrollTop;
    columns.scrollBy(right, down);
    if (down && columns.scrollTop === before) scrollBy(0, down);
    acts.aim(finger.x, finger.y);
  }
  requestAnimationFrame(() => scrolling(columns, finger, acts, until));
}
/** @param {number} at @param {number} low @param {number} high */
const towards = (at, low, high) => (at < low + EDGE ? -STEP : at > high - EDGE ? STEP : 0);
