// @ts-check
/** The board: a pipeline's documents by stage, the longest in theirs first; cards are moved by drag, touch, button or key. */
import { effect, signal, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { everyOf, filled, get, post } from "../lib/api.js";
import { Button, Dialog, Empty, Failed, Field, FormDialog, More, PageHead, Pill, PipelineSelect, Shown, age, heldText, html, money, refused, reread, route, Typed, Unpublished, Whose, say, t, to, turnOf, useLive } from "../lib/ui.js";

const FIRST = 25;
/** Seconds after which a column is read again though its counts are the same: titles and amounts may have changed. */
const SELDOM = 30;
const PAGE = 50;
/** Pages that are read again when somebody comes or leaves. */
const FEW = 4;
/** Milliseconds that a moved card stands first in its new column. */
const NEW = 120_000;
/** Who is responsible for what was seen, to choose from. @type {Set<string>} */
const seen = new Set();

/** The card that is being dragged. @type {import("../vendor/preact.js").Signal<{row: any} | null>} */
const dragged = signal(/** @type {{row: any} | null} */ (null));
/** The stage that it is over. @type {import("../vendor/preact.js").Signal<string | null>} */
const over = signal(/** @type {string | null} */ (null));
/** What is told of a card that is dragged by touch. */
const announced = signal("");
/** Dragging by touch, loaded where there is a touch screen. @type {typeof import("../lib/touch.js") | null} */
let touch = null;
/** The move that is asked for: a card, and the stage where it was dropped. */
const asked = signal(/** @type {{row: any, stage?: string} | null} */ (null));
/** Cards that were moved here, by stage: the API lists the longest first, so that they are the last. */
const moved = signal(/** @type {Record<string, any[]>} */ ({}));

/** A pipeline that the address names is asked for at once, beside the list of all. @type {Map<string, Promise<any>>} */
const begun = new Map();
/** @param {string} pipeline */
function whole(pipeline) {
  const path = `/pipelines/${encodeURIComponent(pipeline)}`;
  const request = begun.get(path) ?? get(path);
  begun.delete(path);
  return request;
}

export default function Board() {
  useMemo(() => {
    const named = route.peek().query.get("pipeline");
    if (!named) return;
    const asking = whole(named);
    asking.catch(() => {}); // told where it is shown
    begun.set(`/pipelines/${encodeURIComponent(named)}`, asking);
  }, []);
  const pipelines = useLive(() => everyOf("/pipelines"), [], 30);
  if (pipelines.value.value === null) return html`<div class="page"><${PageHead} title=${t("page board")} /><${Shown} live=${pipelines}>${() => null}<//></div>`;
  const named = route.value.query.get("pipeline");
  return html`<${Shown} live=${pipelines}>${(/** @type {any[]} */ rows) =>
    named && !rows.some((row) => row.pipeline === named) ? html`<${Unknown} pipeline=${named} rows=${rows} />` : rows.length ? html`<${OfPipelines} rows=${rows} />` : html`<${FirstVisit} />`}<//>`;
}

/** There is no pipeline: whoever may make one is led to that. */
function FirstVisit() {
  useEffect(() => {
    if (refused("administrator")) return;
    history.replaceState(null, "", to(["welcome"]));
    reread();
  }, []);
  return html`<div class="page"><${PageHead} title=${t("page board")} /><${Empty} title=${t("no pipeline")}><p>${t("no pipeline about")}</p><//></div>`;
}

/** The address names a pipeline that is not published. @param {{pipeline: string, rows: any[]}} props */
const Unknown = ({ pipeline, rows }) => html`<div class="page">
  <${PageHead} title=${t("page board")}>${rows.length ? html`<label class="row">${t("pipeline")} <${PipelineSelect} value=${pipeline} rows=${rows} /></label>` : null}<//>
  <${Unpublished} key=${pipeline} pipeline=${pipeline} />
</div>`;

/** @param {{rows: any[]}} props */
function OfPipelines({ rows }) {
  const { query } = route.value;
  const chosen = rows.find((choice) => choice.pipeline === query.get("pipeline")) ?? rows[0];
  const wanted = Object.fromEntries(["text", "person", "responsible", "days_in_stage"].map((name) => [name, query.get(name) ?? ""]));
  return html`<div class="page wide">
    <${PageHead} title=${chosen.name || chosen.pipeline} about=${html`${chosen.paused ? html`<${Pill} tone="wait">${t("paused")}<//>` : null}${chosen.automation ? null : html`<${Pill} tone="wait">${t("no automation")}<//>`}`}>
      ${rows.length > 1 ? html`<label class="row">${t("pipeline")} <${PipelineSelect} value=${chosen.pipeline} rows=${rows} /></label>` : null}
    <//>
    <form class="filters" role="search" aria-label=${t("board filters")} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${Typed} name="text" label=${t("words")} value=${wanted.text} half=${(/** @type {string} */ text) => text.length === 1} />
      <${Whose} value=${wanted.person} />
      <${Typed} name="responsible" label=${t("responsible")} value=${wanted.responsible} list="responsibles" />
      <${Typed} name="days_in_stage" type="number" label=${t("days in stage")} value=${wanted.days_in_stage} />
      <datalist id="responsibles">${[...seen].map((responsible) => html`<option key=${responsible} value=${responsible} />`)}</datalist>
    </form>
    <${Columns} key=${chosen.pipeline} pipeline=${chosen.pipeline} wanted=${wanted} />
  </div>`;
}

/**
 * The columns. A page of a stage takes many reads of the table, the counts one: so a stage is read again when its
 * counts change, and seldom otherwise.
 * @param {{pipeline: string, wanted: Record<string, string>}} props
 */
function Columns({ pipeline, wanted }) {
  const key = JSON.stringify(wanted);
  const live = useLive(() => whole(pipeline), [pipeline], 60);
  const counts = useLive(async () => Object.fromEntries((await get(`/statistics/${encodeURIComponent(pipeline)}`)).stages.map((/** @type {any} */ stage) => [stage.stage, stage])), [pipeline], 5);
  const turn = useMemo(() => turns(counts), [counts, key]);
  useEffect(() => {
    moved.value = {};
  }, [pipeline, key]);
  useEffect(() => {
    if (navigator.maxTouchPoints) import("../lib/touch.js").then((module) => (touch = module), () => {}); // button and key are there
    return () => void (announced.value = "");
  }, []);
  return html`<${Shown} live=${live}>${(/** @type {any} */ head) => {
    const stages = head.content.stages;
    return html`${head.paused ? html`<p class="banner" role="status">${t("pipeline paused")} ${heldText(head.held_messages)}</p>` : null}<div class="board" role="list" tabindex="0" aria-label=${t("stages")}>
      ${stages.map((/** @type {any} */ stage) => html`<${Column} key=${stage.id} ...${{ pipeline, stage, stages, wanted, turn, counted: counts.value.value?.[stage.id] }} />`)}
    </div>
    <p class="unseen" role="status">${announced.value}</p>
    ${asked.value ? html`<${Move} key=${asked.value.row.id} ...${asked.value} stages=${stages} />` : null}`;
  }}<//>`;
}

/**
 * Whose turn it is to be read: first the first stage that has documents, so that cards are soon there, then all others.
 * @param {import("../lib/api.js").Live<Record<string, any>>} counts
 */
function turns(counts) {
  const known = new Promise((done) => {
    const stop = effect(() => {
      if (counts.value.value || counts.problem.value) done(queueMicrotask(() => stop()));
    });
  });
  let open = () => {};
  const begun = new Promise((done) => (open = () => done(null)));
  return {
    /** @param {string} id @param {any[]} stages */
    async wait(id, stages) {
      await known;
      const first = stages.find((stage) => counts.value.peek()?.[stage.id]?.present) ?? stages[0];
      if (id !== first.id) await begun;
    },
    open: () => open(),
  };
}

/** Columns that are there, to be read again after a move. @type {Map<string, () => void>} */
const columns = new Map();

/** @param {{pipeline: string, stage: any, stages: any[], wanted: Record<string, string>, turn: ReturnType<typeof turns>, counted?: any}} props */
function Column({ pipeline, stage, stages, wanted, turn, counted }) {
  const key = JSON.stringify(wanted);
  const query = { pipeline, stage: stage.id, ...wanted };
  const present = counted?.present;
  const live = useLive(async () => {
    await turn.wait(stage.id, stages);
    return listed({ ...query, limit: FIRST }).finally(turn.open);
  }, [pipeline, stage.id, key], SELDOM);
  const last = useRef(counted);
  useEffect(() => {
    if (last.current && JSON.stringify(last.current) !== JSON.stringify(counted)) live.again();
    last.current = counted;
  }, [JSON.stringify(counted)]);
  const [older, add] = useState(/** @type {{pages: any[][], next: string | null} | null} */ (null));
  useEffect(() => {
    add(null);
    columns.set(stage.id, () => live.again());
    return () => void columns.delete(stage.id);
  }, [live]);
  const name = stage.name ?? stage.id;
  const page = live.value.value;
  const next = older ? older.next : (page?.next ?? null);
  useEffect(() => {
    // Somebody came or left: what was read further down is read again, where that is little.
    if (!older || older.pages.length > FEW || !page?.next) return;
    let here = true;
    further(query, page.next, older.pages.length).then((part) => here && add(part), () => {});
    return () => {
      here = false;
    };
  }, [present]);
  const more = async () => {
    const part = await listed({ ...query, cursor: next, limit: PAGE });
    add((was) => ({ pages: [...(was?.pages ?? []), part.items], next: part.next }));
  };
  return html`<div class=${`column ${stage.kind ?? "open"} ${over.value === stage.id ? "over" : ""}`} role="listitem" aria-label=${name} data-stage=${stage.id} ...${dropping(stage.id)}>
    <header style=${stage.color ? { borderColor: stage.color } : undefined}><h2>${name}</h2>${page ? html`<small>${count(page, older, next, key === "{}" || Object.values(wanted).every((value) => !value) ? present : undefined)}</small>` : null}</header>
    <${Shown} live=${live}>${(/** @type {any} */ first) => html`
      ${first.items.length || moved.value[stage.id]?.length ? null : html`<p class="dim">${t("no document here")}</p>`}
      ${shownOnce([fresh(stage.id, first.items), first.items, ...(older?.pages ?? [])], stage.id).map((rows, index) => html`<${Cards} key=${index} rows=${rows} stage=${stage.id} />`)}
      <${Further} next=${next} load=${more} />`}<//>
  </div>`;
}

/** So many pages after the first. @param {any} query @param {string} cursor @param {number} pages */
async function further(query, cursor, pages) {
  const part = { pages: /** @type {any[][]} */ ([]), next: /** @type {string | null} */ (cursor) };
  while (part.next && part.pages.length < pages) {
    const page = await listed({ ...query, cursor: part.next, limit: PAGE });
    part.pages.push(page.items);
    part.next = page.next;
  }
  return part;
}

/** What was moved here and is not among what is listed. @param {string} stage @param {any[]} rows */
function fresh(stage, rows) {
  const ids = new Set(rows.map((row) => row.id));
  return (moved.value[stage] ?? []).filter((row) => !ids.has(row.id));
}

/** Pages without what an earlier one has, and without what was moved to another stage. @param {any[][]} pages @param {string} stage */
function shownOnce(pages, stage) {
  const known = new Set(Object.entries(moved.value).filter(([name]) => name !== stage).flatMap(([, rows]) => rows.map((row) => row.id)));
  return pages.map((rows) => rows.filter((row) => !known.has(row.id) && known.add(row.id)));
}

/** @param {any} query */
async function listed(query) {
  const page = await filled("/documents", query, FIRST / 2);
  for (const row of page.items) if (row.responsible) seen.add(row.responsible);
  return page;
}

/** @param {any} page @param {any} older @param {string | null} next @param {number | undefined} present */
function count(page, older, next, present) {
  const known = page.items.length + (older?.pages ?? []).reduce((/** @type {number} */ sum, /** @type {any[]} */ rows) => sum + rows.length, 0);
  if (!next) return t("documents", { n: known });
  return present && present > known ? t("documents", { n: present }) : t("more than", { n: known });
}

/** The next page comes when its place is near; the button is for the keyboard. @param {{next: string | null, load: () => Promise<void>}} props */
function Further({ next, load }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const now = useRef(load);
  const [problem, tell] = useState(/** @type {any} */ (null));
  now.current = load;
  const safe = async () => {
    try {
      tell(null);
      await now.current();
    } catch (error) {
      tell(error);
    }
  };
  useEffect(() => {
    if (!next || !place.current) return;
    const near = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && safe(), { rootMargin: "600px" });
    near.observe(place.current);
    return () => near.disconnect();
  }, [next]);
  return html`<div ref=${place}>${problem ? html`<${Failed} problem=${problem} again=${safe} />` : html`<${More} next=${next} load=${safe} />`}</div>`;
}

// --- cards

/** One page of cards, drawn once as long as it is the same. @param {{rows: any[], stage: string}} props */
function Cards({ rows, stage }) {
  const text = rows.map((row) => `${row.id} ${row.since} ${row.title} ${row.amount} ${turnOf(row)}`).join();
  const drawn = useMemo(() => rows.map((row) => html`<${Card} key=${row.id} row=${row} stage=${stage} />`), [text, Math.floor(Date.now() / 60_000)]);
  return rows.length ? html`<ul class="cards">${drawn}</ul>` : null;
}

/** @param {{row: any, stage: string}} props */
function Card({ row, stage }) {
  const title = row.title || row.number || row.id;
  const may = refused("operator") === null;
  const ask = () => (asked.value = { row: { ...row, stage } });
  return html`<li class="card" draggable=${may} onDragStart=${(/** @type {DragEvent} */ event) => {
    event.dataTransfer?.setData("text/plain", row.id);
    dragged.value = { row: { ...row, stage } };
  }} onDragEnd=${dragEnded} onTouchStart=${may ? (/** @type {TouchEvent} */ event) => touchedCard(event, { ...row, stage }, title) : undefined}>
    <a href=${to(["documents", row.id])} draggable="false" id=${`card-${row.id}`} aria-keyshortcuts=${may ? "m" : undefined} onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey || !may) return;
      event.preventDefault();
      ask();
    }}><b dir="auto">${title}</b></a>
    <span class="dim">${[row.title && row.number, money(row.amount, row.currency), t("for", { span: age(row.since) })].filter(Boolean).join(" · ")}</span>
    ${row.signers_in_turn.length ? html`<span class="dim" dir="auto">${turnOf(row)}</span>` : null}
    ${row.responsible ? html`<span class="dim"><bdi>${row.responsible}</bdi></span>` : null}
    <${Button} quiet role="operator" aria-label=${t("board move named", { title })} title=${t("board move hint")} aria-haspopup="dialog" onClick=${ask}><span aria-hidden="true">⇄</span><//>
  </li>`;
}

function dragEnded() {
  dragged.value = null;
  over.value = null;
}

/** What lets a card be dropped on a column. @param {string} stage */
const dropping = (stage) => ({
  onDragOver: (/** @type {DragEvent} */ event) => {
    if (!dragged.value || dragged.value.row.stage === stage) return;
    event.preventDefault();
    over.value = stage;
  },
  onDragLeave: (/** @type {DragEvent} */ event) => {
    if (!(/** @type {HTMLElement} */ (event.currentTarget).contains(/** @type {Node} */ (event.relatedTarget)))) over.value = null;
  },
  onDrop: (/** @type {DragEvent} */ event) => {
    const row = dragged.value?.row;
    dragEnded();
    if (!row) return;
    event.preventDefault();
    asked.value = { row, stage };
  },
});

/** A finger is put on a card. @param {TouchEvent} event @param {any} row @param {string} title */
function touchedCard(event, row, title) {
  const card = /** @type {HTMLElement} */ (event.currentTarget);
  const board = /** @type {HTMLElement | null} */ (card.closest(".board"));
  if (!board || !touch) return;
  const end = () => {
    card.classList.remove("dragged");
    dragEnded();
  };
  const putBack = () => {
    end();
    announced.value = t("touch put back", { name: title });
  };
  touch.touched(event, board, {
    lift() {
      card.classList.add("dragged");
      dragged.value = { row };
      announced.value = t("touch lifted", { name: title });
    },
    aim(x, y) {
      const stage = columnAt(board, x, y);
      over.value = stage === row.stage ? null : stage;
    },
    drop() {
      const stage = over.peek();
      if (!stage) return putBack();
      end();
      asked.value = { row, stage };
    },
    putBack,
  });
}
/** The stage whose column is at a place of the window, also below its last card. @param {HTMLElement} board @param {number} x @param {number} y */
function columnAt(board, x, y) {
  const box = board.getBoundingClientRect();
  if (y < box.top || y > box.bottom) return null;
  const columns = /** @type {HTMLElement[]} */ ([...board.querySelectorAll("[data-stage]")]);
  return columns.find((column) => column.getBoundingClientRect().left <= x && x <= column.getBoundingClientRect().right)?.dataset.stage ?? null;
}

// --- moving

/** Where to, and what begins there: mails cannot be taken back. @param {{row: any, stage?: string, stages: any[]}} props */
function Move({ row, stage, stages }) {
  const others = stages.filter((candidate) => candidate.id !== row.stage);
  const [chosen, choose] = useState(stage ?? others[0]?.id);
  const title = row.title || row.number || row.id;
  const target = stages.find((candidate) => candidate.id === chosen);
  const rules = (target?.rules ?? []).filter((/** @type {any} */ rule) => rule.enabled !== false);
  const close = () => {
    asked.value = null;
    requestAnimationFrame(() => document.getElementById(`card-${row.id}`)?.focus());
  };
  if (!others.length) return html`<${Dialog} title=${t("board move", { title })} close=${close}><p>${t("board one stage")}</p><//>`;
  return html`<${FormDialog} title=${t("board move", { title })} action=${t("move")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    await post(`/documents/${encodeURIComponent(row.id)}/move`, { stage: chosen, comment: form.get("comment") || null });
    settle(row, target);
  }}>
    <${Field} label=${t("stage")} help=${t("board now in", { stage: stages.find((candidate) => candidate.id === row.stage)?.name ?? row.stage })}>${(/** @type {any} */ given) => html`<select class="input" name="stage" ...${given} value=${chosen} onChange=${(/** @type {any} */ event) => choose(event.target.value)}>${others.map((candidate) => html`<option key=${candidate.id} value=${candidate.id}>${candidate.name ?? candidate.id}</option>`)}</select>`}<//>
    <p role="status">${rules.length ? t("board rules begin", { n: rules.length, names: rules.map((/** @type {any} */ rule) => rule.name ?? rule.id).join(", ") }) : t("board no rules")}</p>
    <${Field} label=${t("comment")} help=${t("optional")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="comment" ...${given}></textarea>`}<//>
  <//>`;
}

/** What was moved, but for one document. @param {string} id */
const without = (id) => Object.fromEntries(Object.entries(moved.peek()).map(([name, rows]) => [name, rows.filter((row) => row.id !== id)]));

/** Show a moved card in its new column, and read both anew. @param {any} row @param {any} target */
function settle(row, target) {
  const others = without(row.id);
  moved.value = { ...others, [target.id]: [{ ...row, since: new Date().toISOString() }, ...(others[target.id] ?? [])] };
  setTimeout(() => (moved.value = without(row.id)), NEW);
  say(t("board moved", { title: row.title || row.number || row.id, stage: target.name ?? target.id }));
  columns.get(row.stage)?.();
  columns.get(target.id)?.();
}
