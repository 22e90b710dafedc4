// @ts-check
/** The inbox: everything that went wrong and waits for somebody, with what to do about it. */
import { useState } from "../vendor/preact.js";
import { Empty, PageHead, countedText, html, refused, route, t, to, troubles } from "../lib/ui.js";
import { JobList, Jobs } from "../lib/jobs.js";
import { Runs } from "./inbox/runs.js";
import { DeadLetters, HeldMessages } from "./inbox/messages.js";
import { OneRejected, Rejected } from "./inbox/rejected.js";

const KINDS = /** @type {const} */ (["failed", "in_doubt", "dead", "rejected", "held"]);

export default function Inbox() {
  const { parts } = route.value;
  const [started, start] = useState(0);
  const kind = parts[1] ?? "";
  const begun = () => start(started + 1);
  return html`<div class="page wide">
    <${PageHead} title=${t("page inbox")} />
    <${Tabs} kind=${kind} />
    ${kind === "jobs" ? html`<${JobList} key=${parts[2] ?? ""} id=${parts[2] ?? null} />` : html`<${Jobs} again=${started} />`}
    ${kind === "" ? html`<${All} begun=${begun} />` : null}
    ${kind === "failed" || kind === "in_doubt" ? html`<${Runs} key=${kind} state=${kind} begun=${begun} filtered />` : null}
    ${kind === "rejected" && parts[2] ? html`<${OneRejected} key=${parts[2]} id=${parts[2]} />` : null}
    ${kind !== "" && !(kind === "rejected" && parts[2]) ? html`<${Messages} kind=${kind} filtered />` : null}
  </div>`;
}

/** @param {{kind: string}} props */
function Tabs({ kind }) {
  const counts = troubles.value;
  return html`<div class="tabs" role="navigation" aria-label=${t("kinds of trouble")}>
    <a href=${to(["inbox"])} aria-current=${kind === "" ? "page" : undefined}>${t("everything")}</a>
    ${KINDS.map((sort) => html`<a key=${sort} href=${to(["inbox", sort])} aria-current=${kind === sort ? "page" : undefined}>${t(`trouble ${sort}`)}
      ${counts?.[sort] ? html`<span class=${counts[sort].number ? "count" : "count none"}>${countedText(counts[sort])}</span>` : null}</a>`)}
    <a href=${to(["inbox", "jobs"])} aria-current=${kind === "jobs" ? "page" : undefined}>${t("jobs")}</a>
  </div>`;
}

/** @param {{begun: () => void}} props */
function All({ begun }) {
  const counts = troubles.value;
  /** @param {string} kind */
  const none = (kind) => counts?.[/** @type {"failed"} */ (kind)]?.number === 0;
  const nothing = KINDS.every((kind) => none(kind) || (refused("operator") !== null && counts?.[kind] === null));
  if (nothing) return html`<${Empty} title=${t("nothing in the inbox")}><p>${t(refused("operator") ? "nothing about for viewers" : "nothing in the inbox about")}</p><//>`;
  return html`
    ${["failed", "in_doubt"].map((state) => (none(state) ? null : html`<${Runs} key=${state} state=${state} begun=${begun} />`))}
    ${["dead", "rejected", "held"].map((kind) => (none(kind) ? null : html`<${Messages} key=${kind} kind=${kind} />`))}`;
}

/** Lists that only operators may see. @param {{kind: string, filtered?: boolean}} props */
function Messages({ kind, filtered }) {
  const List = { dead: DeadLetters, rejected: Rejected, held: HeldMessages }[kind];
  if (!List) return null;
  const why = refused("operator");
  if (why) return html`<section class="panel" aria-label=${t(`trouble ${kind}`)}><header class="row"><h2>${t(`trouble ${kind}`)}</h2></header><p class="about">${t(`trouble ${kind} about`)}</p><p>${why}</p></section>`;
  return html`<${List} filtered=${filtered} />`;
}
