// @ts-check
/** Automation: the pipelines and drafts that there are, and the editor of one. */
import { html, route } from "../lib/ui.js";
import { Editor } from "./automation/editor.js";
import { Pipelines } from "./automation/list.js";

export default function Automation() {
  const pipeline = route.value.parts[1];
  return pipeline ? html`<${Editor} key=${pipeline} pipeline=${pipeline} />` : html`<${Pipelines} />`;
}
