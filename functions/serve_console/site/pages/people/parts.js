// @ts-check
/** What the parts of the people's page share. */
import { useId } from "../../vendor/preact.js";
import { session } from "../../lib/api.js";
import { Button, html, say, t } from "../../lib/ui.js";

export const ROLES = ["viewer", "operator", "administrator"];

/** A button that is switched off for a reason, which is told. @param {any} props */
export const Act = ({ why, children, ...rest }) =>
  html`<${Button} ...${rest} disabled=${Boolean(why)} title=${why || undefined}>${children}${why ? html`<span class="unseen">, ${why}</span>` : null}<//>`;

/** A radio button or a checkbox with its label, and a sentence below. @param {{label: any, about?: string | null, type?: string} & Record<string, any>} props */
export function Option({ label, about, type = "radio", ...rest }) {
  const id = useId();
  return html`<div class="option">
    <input id=${id} type=${type} aria-describedby=${about ? `${id}-about` : undefined} ...${rest} />
    <label for=${id}>${label}</label>
    ${about ? html`<small id=${`${id}-about`}>${about}</small>` : null}
  </div>`;
}

/** One of several choices, each with a sentence. @param {{legend: string, name: string, value?: string, choices: {value: string, label: string, about?: string, off?: boolean}[]}} props */
export const Choices = ({ legend, name, value, choices }) => html`<fieldset class="optionset">
  <legend>${legend}</legend>
  ${choices.map((choice) => html`<${Option} key=${choice.value} label=${choice.label} about=${choice.about} name=${name} value=${choice.value} defaultChecked=${choice.value === value} disabled=${choice.off} required />`)}
</fieldset>`;

/** The choice of a role. @param {{value?: string, none?: boolean, only?: string | null}} props `only`: why no other role than administrator can be chosen. */
export const RoleChoice = ({ value, none, only }) =>
  html`${only ? html`<p class="notice">${only}</p>` : null}<${Choices} legend=${t("people role")} name="role" value=${value} choices=${[...(none ? ["none"] : []), ...ROLES].map((role) => ({
    value: role,
    label: role === "none" ? t("people no role") : t(`role ${role}`),
    about: t(`people may ${role}`),
    off: Boolean(only) && role !== "administrator",
  }))} />`;

/** A command or a text to copy. @param {{text: string, label: string}} props */
export const Command = ({ text, label }) => html`<p class="command">
  <code>${text}</code>
  <${Button} onClick=${() => copy(text)}>${t("people copy")}<span class="unseen"> ${label}</span><//>
</p>`;

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say(t("people copied"));
  } catch {
    say(t("people not copied"));
  }
}

/** Whether somebody is who is signed in here. @param {{id: string}} person */
export const isMe = (person) => session.value?.id === person.id;
