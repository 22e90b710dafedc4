// @ts-check
/** Statistics of a pipeline and a period: pictures with a sentence each, and the figures behind them. */
import { useMemo } from "../vendor/preact.js";
import { everyOf, get } from "../lib/api.js";
import { Bars, Columns, Picture, ago, grouped, lasting, named, share } from "../lib/charts.js";
import { Empty, PageHead, Panel, Pill, PipelineSelect, Shown, Unpublished, dayOf, filter, html, moment, number, route, t, to, translated, useLive } from "../lib/ui.js";
import { isDay } from "../lib/zones.js";

const RANGES = [7, 30, 90, 365];
const USUAL = 30;
const MOST = 366;
const DAY = 86_400_000;
const ENDS = ["completed", "declined", "voided", "expired", "deleted"];
const END_TONES = { completed: "ok", declined: "bad", voided: "wait", expired: "wait", deleted: "wait" };
const MAILS = ["sent", "delivered", "bounced", "complained", "rejected"];
const MAIL_TONES = { bounced: "bad", complained: "bad", rejected: "bad", delivered: "ok" };

export default function Statistics() {
  const pipelines = useLive(() => everyOf("/pipelines"), [], 0);
  const rows = pipelines.value.value;
  const wanted = route.value.query.get("pipeline");
  if (rows && wanted && !rows.some((row) => row.pipeline === wanted)) {
    return html`<div class="page"><${PageHead} title=${t("page statistics")}>${rows.length ? html`<label class="row">${t("pipeline")} <${PipelineSelect} value=${wanted} rows=${rows} /></label>` : null}<//><${Unpublished} key=${wanted} pipeline=${wanted} /></div>`;
  }
  if (rows?.length) return html`<${OfPipelines} rows=${rows} />`;
  return html`<div class="page">
    <${PageHead} title=${t("page statistics")} />
    <${Shown} live=${pipelines}>${() => html`<${Empty} title=${t("no pipeline")}><p>${t("stats no pipeline")}</p><//>`}<//>
  </div>`;
}

/** @param {{rows: any[]}} props */
function OfPipelines({ rows }) {
  const { query } = route.value;
  const chosen = rows.find((choice) => choice.pipeline === query.get("pipeline")) ?? rows[0];
  const period = periodOf(query);
  const key = `${chosen.pipeline} ${period.first} ${period.last}`;
  return html`<div class="page wide">
    <${PageHead} title=${t("stats of", { name: chosen.name || chosen.pipeline })} />
    <form class="filters" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <label>${t("pipeline")}<${PipelineSelect} value=${chosen.pipeline} rows=${rows} /></label>
      <label>${t("stats period")}<select class="input" value=${period.days ?? "own"} onChange=${(/** @type {any} */ event) => filter(event.target.value === "own" ? { days: "", first: period.first, last: period.last } : { days: event.target.value, first: "", last: "" })}>
        ${RANGES.map((range) => html`<option key=${range} value=${range}>${t("stats days", { n: range })}</option>`)}
        <option value="own">${t("stats own")}</option>
      </select></label>
      ${period.days ? null : html`
        <label>${t("stats first")}<input class="input" type="date" value=${period.first} onChange=${(/** @type {any} */ event) => isDay(event.target.value) && filter(within({ first: event.target.value, last: period.last }, "last"))} /></label>
        <label>${t("stats last")}<input class="input" type="date" value=${period.last} onChange=${(/** @type {any} */ event) => isDay(event.target.value) && filter(within({ first: period.first, last: event.target.value }, "first"))} /></label>`}
    </form>
    <${Figures} key=${key} pipeline=${chosen.pipeline} period=${period} />
  </div>`;
}

/** The period as the address has it: a number of days until today, or its first and last. Days are UTC's. @param {URLSearchParams} query */
function periodOf(query) {
  const first = query.get("first");
  const last = query.get("last");
  if (isDay(first) && isDay(last)) return { days: null, first: /** @type {string} */ (first), last: /** @type {string} */ (last) };
  const given = Number(query.get("days"));
  const days = RANGES.includes(given) ? given : USUAL;
  const today = Date.now();
  return { days, first: dayAt(today - (days - 1) * DAY), last: dayAt(today) };
}
/** A period that the API takes: in order, and a year at most; the end that is named gives way. @param {{first: string, last: string}} wanted @param {"first" | "last"} moves */
function within({ first, last }, moves) {
  const [from, until] = [Date.parse(first), Date.parse(last)];
  if (until >= from && until - from < MOST * DAY) return { first, last };
  const far = until < from ? 0 : (MOST - 1) * DAY;
  return moves === "last" ? { first, last: dayAt(from + far) } : { first: dayAt(until - far), last };
}
/** @param {number} at */
const dayAt = (at) => new Date(at).toISOString().slice(0, 10);

/** @param {{pipeline: string, period: {first: string, last: string}}} props */
function Figures({ pipeline, period }) {
  const path = `/pipelines/${encodeURIComponent(pipeline)}`;
  const live = useLive(async () => {
    const [figures, published, some] = await Promise.all([
      get(`/statistics/${encodeURIComponent(pipeline)}`, { first: period.first, last: period.last }),
      get(path),
      get("/documents", { pipeline, limit: 1 }),
    ]);
    return { figures, stages: published.content.stages, documents: some.items.length };
  }, [], 15);
  const kinds = useLive(() => get("/catalogue/kinds"), [], 0);
  return html`<${Shown} live=${live}>${(/** @type {any} */ parts) => html`<${Pictures} parts=${parts} kinds=${kinds.value.value?.items ?? []} pipeline=${pipeline} />`}<//>`;
}

/** @param {{parts: any, kinds: any[], pipeline: string}} props */
function Pictures({ parts, kinds, pipeline }) {
  const { figures, stages, documents } = parts;
  const names = useMemo(() => namesOf(stages, kinds), [stages, kinds]);
  const present = figures.stages.reduce((/** @type {number} */ all, /** @type {any} */ stage) => all + stage.present, 0);
  const counted = figures.cohort.created || figures.stages.some((/** @type {any} */ stage) => stage.arrived || stage.left || stage.present) || figures.rules.length || figures.mails.sent;
  if (!counted && documents) return html`<${Empty} title=${t("stats not counted")}><p>${t("stats not counted about")}</p><p><code class="typed">countersign statistics rebuild --replace</code></p><//>`;
  if (!counted) return html`<${Empty} title=${t("stats nothing")}><p>${t("stats nothing about")}</p><p><a href=${to(["connections"])}>${t("page connections")}</a></p><//>`;
  const groups = grouped(figures.days);
  return html`<p class="intro"><b>${t("stats sum", { first: dayOf(figures.period.first), last: dayOf(figures.period.last), n: figures.cohort.created, present })}</b> <span class="dim">${t("stats utc")}</span></p>
    <div class="pictures">
      <div>
        <${Funnel} figures=${figures} names=${names} />
        <${Completion} figures=${figures} />
        <${Mails} figures=${figures} groups=${groups} />
      </div>
      <div>
        <${Stay} figures=${figures} names=${names} />
        <${Signing} figures=${figures} />
        <${Silence} pipeline=${pipeline} />
      </div>
      <div>
        <${OverTime} groups=${groups} figures=${figures} />
        <${Failures} figures=${figures} groups=${groups} names=${names} />
      </div>
    </div>`;
}

/** What stages, rules and kinds are called. @param {any[]} stages @param {any[]} kinds */
function namesOf(stages, kinds) {
  const rules = new Map(stages.flatMap((stage) => (stage.rules ?? []).map((/** @type {any} */ rule) => [rule.id, rule.name || null])));
  return {
    stage: (/** @type {string} */ id) => stages.find((stage) => stage.id === id)?.name ?? id,
    of: (/** @type {string} */ id) => stages.find((stage) => stage.id === id)?.kind ?? "open",
    rule: (/** @type {any} */ row) => rules.get(row.rule) || (row.rule === row.kind ? null : row.rule) || translated(kinds.find((kind) => kind.kind === row.kind)?.title) || t("stats kept files"),
    kind: (/** @type {string} */ kind) => translated(kinds.find((row) => row.kind === kind)?.title) || kind,
  };
}

const STAGE_TONES = { success: "ok", failure: "bad", open: "" };

/** How many of the documents of the period were ever in each stage. @param {any} props */
function Funnel({ figures, names }) {
  const { created } = figures.cohort;
  const open = figures.stages.filter((/** @type {any} */ stage) => stage.reached || stage.present || names.of(stage.stage) !== "failure");
  const won = figures.stages.filter((/** @type {any} */ stage) => names.of(stage.stage) === "success").reduce((/** @type {number} */ most, /** @type {any} */ stage) => Math.max(most, stage.reached), 0);
  const of = (/** @type {number} */ value) => share(created ? value / created : null);
  return html`<${Picture} title=${t("stats funnel")} sentence=${created ? t("stats funnel sum", { n: created, won, share: of(won) }) : t("stats funnel none")}
    columns=${[t("stage"), t("stats reached"), t("stats share"), t("stats present"), t("stats arrived"), t("stats left")]}
    rows=${figures.stages.map((/** @type {any} */ stage) => [names.stage(stage.stage), stage.reached, of(stage.reached), stage.present, stage.arrived, stage.left])}>
    ${created ? html`<${Bars} most=${created} rows=${open.map((/** @type {any} */ stage) => ({ label: names.stage(stage.stage), value: stage.reached, text: `${number(stage.reached)} · ${of(stage.reached)}`, tone: /** @type {any} */ (STAGE_TONES)[names.of(stage.stage)] }))} />` : null}
  <//>`;
}

/** How long documents were in each stage that they left. @param {any} props */
function Stay({ figures, names }) {
  const stages = figures.stages.filter((/** @type {any} */ stage) => stage.time_in_stage.number);
  const longest = stages.reduce((/** @type {any} */ most, /** @type {any} */ stage) => (stage.time_in_stage.median > (most?.time_in_stage.median ?? -1) ? stage : most), null);
  return html`<${Picture} title=${t("stats stay")} sentence=${longest ? t("stats stay sum", { stage: names.stage(longest.stage), median: lasting(longest.time_in_stage.median), most: lasting(longest.time_in_stage.percentile_90) }) : t("stats stay none")}
    columns=${[t("stage"), t("stats number"), t("stats median"), t("stats most")]}
    rows=${figures.stages.map((/** @type {any} */ stage) => [names.stage(stage.stage), stage.time_in_stage.number, lasting(stage.time_in_stage.median), lasting(stage.time_in_stage.percentile_90)])}>
    ${stages.length ? html`<${Bars} rows=${stages.map((/** @type {any} */ stage) => duration(names.stage(stage.stage), stage.time_in_stage))} /><p class="legend">${t("stats mark")}</p>` : null}
  <//>`;
}
/** A bar of a median with the mark of 90 %. @param {any} label @param {any} spread */
const duration = (label, spread) => ({ label, value: spread.median, mark: spread.percentile_90, text: t("stats lasting", { median: lasting(spread.median), most: lasting(spread.percentile_90) }) });

/** Documents created and envelopes completed, day by day. @param {any} props */
function OverTime({ groups, figures }) {
  const created = figures.cohort.created;
  const series = [
    { name: t("stats created"), of: (/** @type {any} */ day) => day.created },
    { name: t("stats end completed"), tone: "ok", of: (/** @type {any} */ day) => day.ends.completed },
  ];
  return html`<${Picture} title=${t("stats over time")} sentence=${t("stats over time sum", { created, completed: figures.ends.completed })}
    columns=${[t("stats day"), ...series.map((line) => line.name), t("stats sent")]} rows=${rowsOf(groups, [...series.map((line) => line.of), (/** @type {any} */ day) => day.sent])}>
    ${created || figures.ends.completed ? html`<${Columns} groups=${groups} series=${series} />` : null}
  <//>`;
}
/** The rows of a table by days, those without anything left out. @param {any[][]} groups @param {((day: any) => number)[]} of */
const rowsOf = (groups, of) =>
  groups.map((days) => [named(days), ...of.map((column) => days.reduce((sum, day) => sum + column(day), 0))]).filter((row) => row.slice(1).some(Boolean));

/** How envelopes ended: of the documents of the period, and in the period. @param {any} props */
function Completion({ figures }) {
  const { cohort } = figures;
  const ended = ENDS.reduce((all, end) => all + cohort.ends[end], 0);
  return html`<${Picture} title=${t("stats completion")} sentence=${ended ? t("stats completion sum", { n: ended, completed: share(cohort.completion_rate), declined: share(cohort.decline_rate) }) : t("stats completion none", { n: cohort.sent })}
    columns=${[t("stats end"), t("stats of created"), t("stats in period")]}
    rows=${[...ENDS.map((end) => [t(`stats end ${end}`), cohort.ends[end], figures.ends[end]]), [t("stats sent"), cohort.sent, figures.sent]]}>
    ${ended ? html`<${Bars} most=${ended} rows=${ENDS.map((end) => ({ label: t(`stats end ${end}`), value: cohort.ends[end], text: `${number(cohort.ends[end])} · ${share(cohort.ends[end] / ended)}`, tone: /** @type {any} */ (END_TONES)[end] }))} />` : null}
  <//>`;
}

/** From sent to signed: all of it, and by party. @param {any} props */
function Signing({ figures }) {
  const whole = figures.time_to_sign;
  const parties = figures.parties.filter((/** @type {any} */ party) => party.time_to_sign.number);
  const rows = [[t("stats whole"), whole.number, lasting(whole.median), lasting(whole.percentile_90)], ...figures.parties.map((/** @type {any} */ party) => [t(`party ${party.party}`), party.signatures, lasting(party.time_to_sign.median), lasting(party.time_to_sign.percentile_90)])];
  return html`<${Picture} title=${t("stats signing")} sentence=${whole.number ? t("stats signing sum", { n: whole.number, median: lasting(whole.median), most: lasting(whole.percentile_90) }) : t("stats signing none")}
    columns=${[t("stats who"), t("stats number"), t("stats median"), t("stats most")]} rows=${whole.number || parties.length ? rows : []}>
    ${whole.number || parties.length ? html`<${Bars} rows=${[...(whole.number ? [duration(t("stats whole"), whole)] : []), ...parties.map((/** @type {any} */ party) => duration(t(`party ${party.party}`), party.time_to_sign))]} /><p class="legend">${t("stats mark")}</p>` : null}
  <//>`;
}

/** Runs that failed or are in doubt, by rule and by day. @param {any} props */
function Failures({ figures, groups, names }) {
  const bad = (/** @type {any} */ row) => row.failed + row.in_doubt;
  const failing = figures.rules.filter(bad);
  const total = failing.reduce((/** @type {number} */ all, /** @type {any} */ row) => all + bad(row), 0);
  const runs = figures.rules.reduce((/** @type {number} */ all, /** @type {any} */ row) => all + row.done + row.skipped + bad(row), 0);
  const series = [{ name: t("stats failed runs"), tone: "bad", of: (/** @type {any} */ day) => day.failed_runs }];
  const sentence = !runs ? t("stats failures no runs") : total ? html`${t("stats failures sum", { n: total, runs, share: share(total / runs) })} <a href=${to(["inbox"])}>${t("page inbox")}</a>` : t("stats failures none", { n: runs });
  return html`<${Picture} title=${t("stats failures")} sentence=${sentence}
    columns=${[t("stats rule"), t("run done"), t("run skipped"), t("run failed"), t("run in_doubt")]}
    rows=${figures.rules.map((/** @type {any} */ rule) => [names.rule(rule) === names.kind(rule.kind) ? names.rule(rule) : `${names.rule(rule)} (${names.kind(rule.kind)})`, rule.done, rule.skipped, rule.failed, rule.in_doubt])}>
    ${total ? html`<${Bars} rows=${failing.slice(0, 8).map((/** @type {any} */ row) => ({ label: names.rule(row), value: bad(row), text: t("stats of runs", { n: bad(row), runs: row.done + bad(row) }), tone: "bad" }))} />
      ${figures.days.some((/** @type {any} */ day) => day.failed_runs) ? html`<${Columns} groups=${groups} series=${series} />` : null}` : null}
  <//>`;
}

/** What became of mails. @param {any} props */
function Mails({ figures, groups }) {
  const { mails } = figures;
  const lost = mails.bounced + mails.complained + mails.rejected;
  const of = (/** @type {number} */ value) => share(mails.sent ? value / mails.sent : null);
  return html`<${Picture} title=${t("stats mails")} sentence=${mails.sent ? t(lost ? "stats mails sum" : "stats mails good", { n: mails.sent, delivered: of(mails.delivered), lost, share: of(lost) }) : t("stats mails none")}
    columns=${[t("stats day"), ...MAILS.map((event) => t(`stats mail ${event}`))]} rows=${rowsOf(groups, MAILS.map((event) => (/** @type {any} */ day) => day.mails[event]))}>
    ${mails.sent || lost ? html`<${Bars} rows=${MAILS.map((event) => ({ label: t(`stats mail ${event}`), value: mails[event], text: event === "sent" ? number(mails[event]) : `${number(mails[event])} · ${of(mails[event])}`, tone: /** @type {any} */ (MAIL_TONES)[event] }))} />` : null}
  <//>`;
}

/** The connections of the pipeline. @param {{pipeline: string}} props */
function Silence({ pipeline }) {
  const live = useLive(() => everyOf("/connections"), [], 30);
  return html`<${Shown} live=${live}>${(/** @type {any[]} */ all) => html`<${Silent} rows=${all.filter((/** @type {any} */ connection) => connection.pipeline === pipeline)} />`}<//>`;
}

/** How long each connection has told nothing, and whether that is too long. @param {{rows: any[]}} props */
function Silent({ rows }) {
  const all = rows.map((connection) => {
    const since = connection.last_event_at ?? connection.created_at;
    const days = since ? Math.max(0, (Date.now() - Date.parse(since)) / DAY) : null;
    return { ...connection, since, days, silent: connection.silent_after !== null && days !== null && days > connection.silent_after };
  });
  const silent = all.filter((connection) => connection.silent);
  const unwatched = all.filter((connection) => connection.silent_after === null);
  if (!rows.length) return html`<${Panel} title=${t("stats silence")}><p>${t("stats silence no connection")} <a href=${to(["connections"])}>${t("page connections")}</a></p><//>`;
  const sentence = silent.length ? t("stats silence sum", { n: silent.length }) : unwatched.length === all.length ? t("stats silence unwatched") : t("stats silence none");
  const lastHeard = (/** @type {any} */ connection) => html`${connection.last_event_at ? ago(connection.last_event_at) : t("stats silence never")} ${connection.silent ? html`<${Pill} tone="bad">${t("stats silent")}<//>` : null}`;
  return html`<${Picture} title=${t("stats silence")} sentence=${sentence}
    columns=${[t("stats connection"), t("stats last event"), t("stats watch"), t("stats state")]}
    rows=${all.map((connection) => [connection.name || connection.id, connection.last_event_at ? moment(connection.last_event_at) : "–", connection.silent_after === null ? t("stats unwatched") : t("stats after", { n: connection.silent_after }), t(connection.silent ? "stats silent" : connection.silent_after === null ? "stats unwatched" : "stats heard")])}>
    <${Bars} rows=${all.map((connection) => ({ label: html`<a href=${to(["connections", connection.id])}>${connection.name || connection.id}</a>`, value: connection.days, mark: connection.silent_after, text: lastHeard(connection), tone: connection.silent ? "bad" : "" }))} />
    <p class="legend">${t("stats silence mark")}</p>
  <//>`;
}
