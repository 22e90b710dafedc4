// @ts-check
/** The beginning of a simulation: a document with its values and signers, made up or like a real one. */
import { useEffect, useRef } from "../../vendor/preact.js";
import { get } from "../../lib/api.js";
import { Button, Failed, Panel, html, t, textOr, useLive } from "../../lib/ui.js";
import { fieldsOf, stagesOf } from "./parts.js";

const BASE = ["title", "number", "amount", "currency", "responsible"];
const PARTIES = ["", "company", "client"];

/** Values to begin with. @param {any} content */
export function fresh(content) {
  return {
    start: nextMorning(),
    values: { title: "Contract", responsible: "anna@acme.example" },
    sender: "anna@acme.example",
    signers: [
      { name: "Anna Berger", email: "anna@acme.example", party: "company" },
      { name: "Klara Vogel", email: "klara@kunde.example", party: "client" },
    ],
    opening: "sent",
  };
}

/** The next working day at nine, as an input has it. */
function nextMorning() {
  const day = new Date();
  do day.setDate(day.getDate() + 1);
  while ([0, 6].includes(day.getDay()));
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}T09:00`;
}

/** The script without what happens next. @param {any} setup @param {any} content */
export function scriptOf(setup, content) {
  const { title, ...rest } = setup.values;
  const known = [...BASE, ...Object.keys(fieldsOf(content))];
  const edit = Object.fromEntries(Object.entries(rest).filter(([name, value]) => value !== "" && value !== null && value !== undefined && known.includes(name)));
  return {
    start: setup.start.replace("T", " "),
    envelope: {
      title: title || null,
      sender: setup.sender,
      signers: setup.signers.map((/** @type {any} */ signer, /** @type {number} */ index) => Object.fromEntries(Object.entries({ name: signer.name, email: signer.email, party: signer.party, order: index + 1 }).filter(([, value]) => value))),
    },
    steps: [{ event: "created" }, ...(Object.keys(edit).length ? [{ edit }] : []), ...(setup.opening === "sent" ? [{ event: "sent" }] : [])],
  };
}

/** What is wrong with a script, with its place in words where there are some. @param {any[]} problems */
export const problemsOf = (problems) => problems.map((problem) => html`<li key=${`${problem.pointer} ${problem.text}`}><span class="dim">${place(problem.pointer)}</span> ${problem.text}</li>`);
/** @param {string} pointer */
function place(pointer) {
  const parts = pointer.split("/").slice(1);
  if (parts[0] === "envelope" && parts[1] === "signers") return `${t("signers")} ${Number(parts[2]) + 1}:`;
  if (parts[0] === "steps" && parts[2] === "edit" && parts[3]) return `${textOr(parts[3], parts[3])}:`;
  return parts[0] === "start" ? `${t("begins at")}:` : "";
}

/** @param {any} props */
export function Setup({ context, content, play, change, begin }) {
  const { setup } = play;
  const own = Object.entries(fieldsOf(content));
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  useEffect(() => {
    if (play.anew) form.current?.querySelector("input")?.focus();
  }, []);
  /** @param {string} name @param {any} value */
  const put = (name, value) => change({ ...setup, values: { ...setup.values, [name]: value } });
  /** @param {number} index @param {any} values */
  const signer = (index, values) => change({ ...setup, signers: setup.signers.map((/** @type {any} */ current, /** @type {number} */ other) => (other === index ? { ...current, ...values } : current)) });
  return html`<form ref=${form} onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    if (!play.busy) begin();
  }}>
    <${Panel} title=${t("the document")} actions=${context.head ? html`<${LikeReal} ...${{ context, setup, change }} />` : null}>
      <div class="filters roomy">
        <${Value} label=${t("begins at")} type="datetime-local" required value=${setup.start} put=${(/** @type {string} */ value) => change({ ...setup, start: value })} />
        ${BASE.map((name) => html`<${Value} key=${name} label=${t(name)} value=${setup.values[name] ?? ""} put=${(/** @type {string} */ value) => put(name, value)} />`)}
        ${own.map(([name, spec]) => html`<${Own} key=${name} ...${{ name, spec }} value=${setup.values[name] ?? ""} put=${(/** @type {string} */ value) => put(name, value)} />`)}
      </div>
      <label class="row tick"><input type="checkbox" checked=${setup.opening === "sent"} onChange=${(/** @type {any} */ event) => change({ ...setup, opening: event.target.checked ? "sent" : "created" })} /> ${t("is sent at once")}</label>
    <//>
    <${Panel} title=${t("signers")} actions=${html`<${Button} onClick=${() => change({ ...setup, signers: [...setup.signers, { name: "", email: "", party: "client" }] })}>${t("add signer")}<//>`}>
      <div class="filters"><${Value} label=${t("sent by")} type="email" required value=${setup.sender} put=${(/** @type {string} */ value) => change({ ...setup, sender: value })} /></div>
      ${setup.signers.map((/** @type {any} */ person, /** @type {number} */ index) => html`<fieldset class="filters person" key=${index}><legend class="unseen">${t("signer number", { number: String(index + 1) })}</legend>
        <${Value} label=${t("name")} value=${person.name} put=${(/** @type {string} */ value) => signer(index, { name: value })} />
        <${Value} label=${t("address")} type="email" required value=${person.email} put=${(/** @type {string} */ value) => signer(index, { email: value })} />
        <label>${t("party")}<select class="input" value=${person.party ?? ""} onChange=${(/** @type {any} */ event) => signer(index, { party: event.target.value })}>${PARTIES.map((party) => html`<option key=${party} value=${party}>${t(party ? `party ${party}` : "by domain")}</option>`)}</select></label>
        <${Button} disabled=${setup.signers.length === 1} onClick=${() => change({ ...setup, signers: setup.signers.filter((/** @type {any} */ _, /** @type {number} */ other) => other !== index) })}>${t("remove")}<span class="unseen"> ${person.name || person.email}</span><//>
      </fieldset>`)}
    <//>
    <p><button class="button main" aria-disabled=${play.busy ? "true" : undefined}>${play.busy ? t("working") : t("begin")}</button> <span class="dim">${t("begins in", { stage: stagesOf(content)[0]?.name || stagesOf(content)[0]?.id || "–" })}</span></p>
  </form>`;
}

/** @param {any} props */
const Value = ({ label, value, put, type = "text", required }) => html`<label>${label}<input class="input" type=${type} required=${required} value=${value} onInput=${(/** @type {any} */ event) => put(event.target.value)} /></label>`;

/** A field of the pipeline, by its type. @param {any} props */
function Own({ name, spec, value, put }) {
  const label = spec?.label || name;
  if (spec?.type === "choice" || spec?.type === "bool") {
    const options = spec.type === "bool" ? [["true", t("yes")], ["false", t("no")]] : (spec.options ?? []).map((/** @type {string} */ option) => [option, option]);
    return html`<label>${label}<select class="input" value=${String(value)} onChange=${(/** @type {any} */ event) => put(spec.type === "bool" && event.target.value ? event.target.value === "true" : event.target.value)}><option value="">–</option>${options.map(([id, text]) => html`<option key=${id} value=${id}>${text}</option>`)}</select></label>`;
  }
  return html`<${Value} label=${label} type=${spec?.type === "date" ? "date" : "text"} value=${value} put=${put} />`;
}

/** Take the values of a document that is there. @param {any} props */
function LikeReal({ context, setup, change }) {
  const live = useLive(() => get("/documents", { pipeline: context.pipeline, limit: 25 }), [context.pipeline], 0);
  const rows = live.value.value?.items ?? [];
  const problem = live.problem.value;
  if (problem) return html`<${Failed} problem=${problem} />`;
  if (!rows.length) return null;
  return html`<label class="row">${t("like document")} <select class="input" value="" onChange=${async (/** @type {any} */ event) => {
    const id = event.target.value;
    if (!id) return;
    const document = await get(`/documents/${encodeURIComponent(id)}`);
    const plain = Object.fromEntries([...BASE.map((name) => [name, document[name] ?? ""]), ...Object.entries(document.fields).filter(([, value]) => value === null || typeof value !== "object")]);
    const signers = document.signers.filter((/** @type {any} */ signer) => signer.email).map((/** @type {any} */ signer) => ({ name: signer.name ?? "", email: signer.email, party: signer.party === "unknown" ? "" : signer.party }));
    change({ ...setup, values: plain, signers: signers.length ? signers : setup.signers });
  }}><option value="">–</option>${rows.map((/** @type {any} */ row) => html`<option key=${row.id} value=${row.id}>${row.title || row.number || row.id}</option>`)}</select></label>`;
}
