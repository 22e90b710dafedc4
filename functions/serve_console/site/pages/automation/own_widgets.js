// @ts-check
/** What the pipeline's own settings are edited with, by the widget that the catalogue names. */
import { html, t } from "../../lib/ui.js";
import { Calendar } from "./calendar.js";
import { DocumentFields } from "./document_fields.js";
import { sendersOf, usersOf } from "./fields.js";
import { Holidays } from "./holidays.js";
import { Days, Hours, SpecialHours, TimeOfDay } from "./hours.js";
import { ListOf, Pairs } from "./lists.js";
import { MailSignature, MailTemplates } from "./mail_parts.js";
import { mappingOf } from "./part_form.js";
import { DailyReport } from "./report.js";
import { Retention } from "./retention.js";
import { WIDGETS } from "./widgets.js";

/** @typedef {import("./part_form.js").Props} Props */

const plain = (/** @type {string} */ text) => text;
const offered = (/** @type {string[]} */ values) => values.map((value) => ({ value, label: value }));
/** A line with what may be meant. @param {() => {value: string, label: string}[]} choices */
const lineOf = (choices) => (/** @type {Props} */ props) => html`<${WIDGETS.text.draw} ...${props} choices=${choices()} />`;
const LANGUAGES = ["cs", "da", "de", "de-AT", "de-CH", "en", "en-GB", "es", "fr", "fr-CH", "hu", "it", "nb", "nl", "pl", "pt", "sv"];
/** @type {() => {value: string, label: string}[]} */
const languages = () => {
  const names = new Intl.DisplayNames(document.documentElement.lang, { type: "language" });
  return LANGUAGES.map((language) => ({ value: language, label: names.of(language) ?? language }));
};

/** @param {Props} props */
const Senders = ({ around, change, label, rest }) => html`<${ListOf} value=${sendersOf(around.content)} choices=${[]} label=${label} say=${plain} free freeHint="Acme <contracts@acme.example>" ordered=${(/** @type {string} */ text) => around.desk.tell(text)} change=${change} rest=${rest} />`;
/** @param {Props} props */
const Words = ({ value, change, label }) => html`<${ListOf} value=${value ?? []} choices=${[]} label=${label} say=${plain} free freeHint=${t("ed.value")} change=${change} />`;
/** @param {Props} props */
const Addresses = ({ value, change, label, around }) => html`<${ListOf} value=${value ?? []} choices=${offered(usersOf(around.content))} label=${label} say=${plain} free change=${(/** @type {any} */ next) => change(next ?? [])} />`;
/** @param {Props} props */
const Groups = ({ value, change, label }) => html`<${Pairs} value=${mappingOf(value)} change=${change} label=${label} keyLabel=${t("ed.group name")} valueLabel=${t("ed.members")}
  draw=${(/** @type {string} */ name, /** @type {any} */ users, /** @type {any} */ put) => html`<div><${ListOf} value=${users ?? []} choices=${[]} label=${`${name}: ${t("ed.members")}`} say=${plain} free change=${(/** @type {any} */ next) => put(next ?? [])} /></div>`} />`;
/** @param {Props} props */
const Supervisors = ({ value, change, label }) => html`<${Pairs} value=${mappingOf(value)} change=${change} label=${label} keyLabel=${t("ed.address")} valueLabel=${t("ed.supervisor")} />`;

/** `inner` ones place their errors themselves. @type {Record<string, {draw: (props: any) => any, group?: boolean, inner?: boolean}>} */
export const OWN_WIDGETS = {
  addresses: { group: true, draw: Addresses },
  calendar: { group: true, inner: true, draw: Calendar },
  clock: { draw: TimeOfDay },
  daily_report: { group: true, inner: true, draw: DailyReport },
  days: { group: true, draw: Days },
  document_fields: { group: true, inner: true, draw: DocumentFields },
  groups: { group: true, draw: Groups },
  holidays: { group: true, draw: Holidays },
  hours: { group: true, inner: true, draw: Hours },
  language: { draw: lineOf(languages) },
  mail_signature: { group: true, inner: true, draw: MailSignature },
  mail_templates: { group: true, inner: true, draw: MailTemplates },
  retention: { group: true, inner: true, draw: Retention },
  senders: { group: true, draw: Senders },
  special_hours: { group: true, inner: true, draw: SpecialHours },
  supervisors: { group: true, draw: Supervisors },
  time_zone: { draw: lineOf(() => offered(Intl.supportedValuesOf("timeZone"))) },
  words: { group: true, draw: Words },
};
