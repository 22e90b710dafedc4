// @ts-check
/** A document that a person makes by hand; its envelope may be attached later. */
import { useEffect, useState } from "../../vendor/preact.js";
import { get, post } from "../../lib/api.js";
import { Field, FormDialog, go, html, t, to } from "../../lib/ui.js";
import { OWN, Input, changes } from "./forms.js";

/** @param {{pipelines: any[], pipeline: string, close: () => void}} props */
export default function NewDocument({ pipelines, pipeline, close }) {
  const [chosen, choose] = useState(pipeline || pipelines[0]?.pipeline || "");
  const [content, put] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState("");
  const [stage, stand] = useState("");
  useEffect(() => {
    let here = true;
    put(null);
    tell("");
    stand("");
    get(`/pipelines/${encodeURIComponent(chosen)}`).then((head) => here && put(head.content), (error) => here && tell(error.message));
    return () => {
      here = false;
    };
  }, [chosen]);
  const blank = { edited: [], fields: {}, signers: [] };
  const known = { fields: content?.fields ?? {}, stages: content?.stages ?? [], why: { time_zone: content?.time_zone }, document: blank };
  const names = [...OWN, ...Object.keys(known.fields)];
  const target = known.stages.find((/** @type {any} */ candidate) => candidate.id === stage) ?? known.stages[0];
  const rules = (target?.rules ?? []).filter((/** @type {any} */ rule) => rule.enabled !== false);
  return html`<${FormDialog} title=${t("new document")} action=${t("new make")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    const made = await post("/documents", { pipeline: chosen, stage: stage || null, fields: changes(names, blank, form, known) });
    setTimeout(() => go(to(["documents", made.id])));
  }}>
    <${Field} label=${t("pipeline")} error=${problem || undefined}>${(/** @type {any} */ given) => html`<select class="input" required value=${chosen} ...${given} onChange=${(/** @type {any} */ event) => choose(event.target.value)}>${pipelines.map((row) => html`<option key=${row.pipeline} value=${row.pipeline}>${row.name || row.pipeline}</option>`)}</select>`}<//>
    <${Field} label=${t("stage")} help=${rules.length ? t("board rules begin", { n: rules.length, names: rules.map((/** @type {any} */ rule) => rule.name ?? rule.id).join(", ") }) : undefined}>${(/** @type {any} */ given) => html`<select class="input" value=${stage || known.stages[0]?.id} ...${given} onChange=${(/** @type {any} */ event) => stand(event.target.value)}>${known.stages.map((/** @type {any} */ choice) => html`<option key=${choice.id} value=${choice.id}>${choice.name ?? choice.id}</option>`)}</select>`}<//>
    ${names.map((name) => html`<${Input} key=${name} ...${{ name, known, value: null }} />`)}
  <//>`;
}
