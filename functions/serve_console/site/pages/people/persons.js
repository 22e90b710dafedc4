// @ts-check
/** Persons: who may sign in, in which role; invited, given a role, removed. */
import { useEffect, useState } from "../../vendor/preact.js";
import { call, post, whole } from "../../lib/api.js";
import { Button, Empty, Failed, Field, FormDialog, Loading, Pill, Shown, filter, html, lang, moment, route, say, t, useLive } from "../../lib/ui.js";
import { listed } from "../../lib/whole.js";
import { Act, RoleChoice, isMe } from "./parts.js";

const MOST = 500;
const TONES = { invited: "wait", reset_required: "wait", disabled: "bad" };

export default function Persons() {
  const live = useLive(() => whole(listed("/people"), { most: MOST }), [], 15);
  const [asking, ask] = useState(/** @type {{what: string, person?: any} | null} */ (null));
  const close = () => ask(null);
  const again = () => live.again();
  return html`<p class="intro">${t("people intro")}</p>
    <div class="row bar-of">
      <${Search} />
      <span class="grow"></span>
      <${Button} main role="administrator" onClick=${() => ask({ what: "invite" })}>${t("people invite")}<//>
    </div>
    <${Shown} live=${live}>${(/** @type {any} */ page) => html`<${Table} page=${page} ask=${ask} again=${again} />`}<//>
    ${asking?.what === "invite" ? html`<${Invite} ...${{ close, again }} />` : null}
    ${asking?.what === "role" ? html`<${ChangeRole} ...${{ close, again, person: asking.person }} last=${last(live, asking.person)} />` : null}
    ${asking?.what === "remove" ? html`<${Remove} ...${{ close, again, person: asking.person }} />` : null}`;
}

/** @param {any} live @param {any} person */
const last = (live, person) => lastAdministrator(live.value.peek()?.items ?? [], live.value.peek()?.next ?? null, person);

/**
 * Why somebody must stay administrator; null where another one is left, or nobody knows.
 *
 * Who has never signed in may never do so, and does not count beside somebody who has. @param {any[]} all @param {string | null} next @param {any} person
 */
export function lastAdministrator(all, next, person) {
  if (next || !person.roles.includes("administrator")) return null;
  const others = all.filter((other) => other.id !== person.id && other.roles.includes("administrator") && other.status !== "disabled");
  const count = person.status === "active" ? others.filter((other) => other.status !== "invited") : others;
  return count.length ? null : t("people last administrator");
}

function Search() {
  const kept = route.value.query.get("text") ?? "";
  return html`<label class="row">${t("people search")}
    <input class="input" type="search" value=${kept} onInput=${(/** @type {any} */ event) => filter({ text: event.target.value })} />
  </label>`;
}

/** @param {any} props */
function Table({ page, ask, again }) {
  const text = (route.value.query.get("text") ?? "").toLocaleLowerCase();
  const rows = page.items.filter((/** @type {any} */ row) => row.email.toLocaleLowerCase().includes(text) || row.id === text);
  if (!rows.length) return html`<${Empty} title=${t(text ? "people none found" : "people nobody")} />`;
  return html`<ul class="roster" aria-label=${t("people part persons")}>
    ${rows.map((/** @type {any} */ person) => html`<${Row} key=${person.id} person=${person} only=${lastAdministrator(page.items, page.next, person)} ask=${ask} again=${again} />`)}
  </ul>
  ${page.next ? html`<p class="dim">${t("people more", { n: page.items.length })}</p>` : null}`;
}

/** @param {any} props */
function Row({ person, only, ask, again }) {
  const inviteAgain = async () => {
    try {
      await post(`/people/${encodeURIComponent(person.id)}/invite-again`);
      say(t("people invited again", { email: person.email }));
    } catch (error) {
      say(/** @type {any} */ (error).message);
    }
    again();
  };
  const of = html`<span class="unseen"> ${person.email}</span>`;
  const signIn = person.last_sign_in ? t("people signed in", { at: moment(person.last_sign_in) }) : person.status === "invited" ? t("people never", { at: moment(person.created_at) }) : null;
  return html`<li>
    <div>
      <p><b dir="auto">${person.email}</b> ${isMe(person) ? html`<${Pill}>${t("people you")}<//> ` : null}${person.status === "active" ? null : html`<${Pill} tone=${/** @type {any} */ (TONES)[person.status]}>${t(`people is ${person.status}`)}<//>`}</p>
      <p class="dim">${person.roles.length ? t(`role ${person.roles[0]}`) : html`<${Pill} tone="wait">${t("people no role")}<//>`} · ${[t(person.company ? "people by company" : "people by pool"), signIn].filter(Boolean).join(" · ")}</p>
    </div>
    <div class="row">
      <${Button} role="administrator" onClick=${() => ask({ what: "role", person })}>${t("people role …")}${of}<//>
      ${person.status === "invited" ? html`<${Button} role="administrator" onClick=${inviteAgain}>${t("people invite again")}${of}<//>` : null}
      <${Act} role="administrator" why=${only} onClick=${() => ask({ what: "remove", person })}>${t("people remove …")}${of}<//>
    </div>
    ${only ? html`<p class="why">${only}</p>` : null}
  </li>`;
}

/** @param {any} props */
function Invite({ close, again }) {
  return html`<${FormDialog} title=${t("people invite")} action=${t("people send invitation")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    const email = String(form.get("email")).trim();
    await post("/people", { email, roles: [form.get("role")], language: form.get("language") });
    say(t("people invited", { email }));
    again();
  }}>
    <p class="intro">${t("people invite about")}</p>
    <${Field} label=${t("people address")}>${(/** @type {any} */ given) => html`<input class="input" type="email" name="email" required maxlength="320" autocomplete="off" ...${given} />`}<//>
    <${RoleChoice} value="viewer" />
    <${Field} label=${t("people language")} help=${t("people language help")}>${(/** @type {any} */ given) => html`<select class="input" name="language" defaultValue=${lang()} ...${given}>
      ${["en", "de"].map((language) => html`<option key=${language} value=${language} lang=${language} selected=${language === lang()}>${language === "de" ? "Deutsch" : "English"}</option>`)}
    </select>`}<//>
  <//>`;
}

/** @param {any} props */
function ChangeRole({ person, last: only, close, again }) {
  const [known, know] = useState(/** @type {{value: any, etag: string | null} | null} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  const path = `/people/${encodeURIComponent(person.id)}`;
  const look = () => call("GET", path).then(know, tell);
  useEffect(() => {
    look();
  }, []);
  const title = t("people role of", { email: person.email });
  return html`<${FormDialog} title=${title} action=${t("save")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    const role = String(form.get("role"));
    try {
      await call("PATCH", path, { etag: known?.etag, body: { roles: role === "none" ? [] : [role] } });
    } catch (error) {
      if (/** @type {any} */ (error).status === 412) await look();
      throw error;
    }
    say(t("people role saved", { email: person.email }));
    again();
  }}>
    ${problem ? html`<${Failed} problem=${problem} again=${() => {
      tell(null);
      look();
    }} />` : known ? html`
      <p class="intro">${t("people role now", { role: known.value.roles.length ? t(`role ${known.value.roles[0]}`) : t("people no role") })} ${t("people role about")}</p>
      ${isMe(person) && !only ? html`<p class="notice">${t("people role mine")}</p>` : null}
      <${RoleChoice} value=${known.value.roles[0] ?? "none"} none only=${only} />` : html`<${Loading} />`}
  <//>`;
}

/** @param {any} props */
function Remove({ person, close, again }) {
  return html`<${FormDialog} danger title=${t("people remove person", { email: person.email })} action=${t("people remove")} close=${close} submit=${async () => {
    await call("DELETE", `/people/${encodeURIComponent(person.id)}`);
    say(t("people removed", { email: person.email }));
    again();
  }}>
    <p class="intro">${t("people remove about")}</p>
    ${isMe(person) ? html`<p class="notice bad">${t("people remove mine")}</p>` : null}
  <//>`;
}
