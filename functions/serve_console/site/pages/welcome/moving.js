// @ts-check
/** The last step: the document goes through its stages, and rules begin. */
import { get } from "../../lib/api.js";
import { Pill, Shown, html, moment, t, to, useLive } from "../../lib/ui.js";

/** @param {{pipeline: string, document: string, connection: string, last: string | null}} props */
export function Moving({ pipeline, document, connection, last }) {
  const path = `/documents/${encodeURIComponent(document)}`;
  const stages = useLive(() => get(`/pipelines/${encodeURIComponent(pipeline)}`), [pipeline], 0);
  const live = useLive(async () => {
    const [current, why, timeline] = await Promise.all([get(path), get(`${path}/why`), get(`${path}/timeline`, { limit: 100 })]);
    return { current, why, moves: timeline.items.filter((/** @type {any} */ line) => line.kind === "moved") };
  }, [document], 2);
  return html`<${Shown} live=${stages}>${(/** @type {any} */ published) => html`<${Shown} live=${live}>${(/** @type {any} */ { current, why, moves }) => {
    const known = published.content.stages;
    const name = (/** @type {string} */ id) => known.find((/** @type {any} */ stage) => stage.id === id)?.name ?? id;
    const here = known.find((/** @type {any} */ stage) => stage.id === current.stage);
    const runs = why.entries.find((/** @type {any} */ entry) => entry.current)?.runs ?? [];
    return html`
      <ol class="track" aria-label=${t("stages")}>${known.map((/** @type {any} */ stage) => html`<li key=${stage.id} class=${stage.kind ?? "open"} aria-current=${stage.id === current.stage ? "step" : undefined}>
        <b>${stage.name ?? stage.id}</b><span class="dim">${stage.id === current.stage ? t("it is here") : passed(moves, stage.id) ? t("it was here") : " "}</span></li>`)}</ol>
      <div role="status">${moves.map((/** @type {any} */ move) => html`<div class="line" key=${move.at}><time datetime=${move.at}>${moment(move.at)}</time><div>${t("moved from to", { from: name(move.from_stage), to: name(move.to_stage) })}</div></div>`)}
        ${runs.map((/** @type {any} */ run) => html`<div class="line" key=${`${run.rule} ${run.repeat}`}><${Pill} tone=${run.state === "done" ? "ok" : ["failed", "in_doubt"].includes(run.state) ? "bad" : "wait"}>${t(`run ${run.state}`)}<//>
          <div><b>${run.name}</b> ${run.due && run.state !== "done" ? t("until", { at: moment(run.due, why.time_zone) }) : ""}</div></div>`)}
        ${here?.kind === "success" ? html`<p class="note ok"><b>${t("it has arrived")}</b> ${t("it has arrived about")}</p>` : html`<p class="dim">${t(last === "completed" || last === "declined" ? "all was sent" : "send the next")}</p>`}</div>
      <p class="row links"><a href=${to(["documents", document])}>${t("to the document")}</a><a href=${to(["board"], { pipeline })}>${t("to the board")}</a><a href=${to(["automation", pipeline])}>${t("see its automation")}</a><a href=${to(["connections", connection])}>${t("to the connection")}</a></p>`;
  }}<//>`}<//>`;
}

/** @param {any[]} moves @param {string} stage */
const passed = (moves, stage) => moves.some((move) => move.from_stage === stage);
