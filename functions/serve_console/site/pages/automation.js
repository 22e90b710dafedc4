// @ts-check
/** Automation: the pipelines and drafts that there are, and the editor of one. */
import { html, route } from "../lib/ui.js";
// What is needed deep inside is named here, so that all is fetched at once and not one after the other.
import "../lib/slug.js";
import "../lib/vocabulary.js";
import "../lib/words.js";
import "../lib/labels.js";
import "./automation/model.js";
import "./automation/fields.js";
import "./automation/catalogue.js";
import "./automation/words.js";
import "./automation/menu.js";
import "./automation/drag.js";
import "./automation/touch.js";
import "../lib/touch.js";
import "./automation/card.js";
import "./automation/lists.js";
import "./automation/timing.js";
import "./automation/condition.js";
import "./automation/template_text.js";
import "./automation/widgets.js";
import "./automation/setting.js";
import "./automation/preview.js";
import "./automation/never.js";
import "./automation/panel.js";
import "./automation/parts.js";
import "./automation/part_form.js";
import "./automation/hours.js";
import "./automation/holidays.js";
import "./automation/calendar.js";
import "./automation/document_fields.js";
import "./automation/mail_preview.js";
import "./automation/mail_parts.js";
import "./automation/report.js";
import "./automation/retention.js";
import "./automation/own_widgets.js";
import { Editor } from "./automation/editor.js";
import { Pipelines } from "./automation/list.js";

export default function Automation() {
  const pipeline = route.value.parts[1];
  return pipeline ? html`<${Editor} key=${pipeline} pipeline=${pipeline} />` : html`<${Pipelines} />`;
}
