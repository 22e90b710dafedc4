// @ts-check
/** Automation: the pipelines and drafts that there are, and the editor of one. */
import { html, route } from "../lib/ui.js";
import { Editor } from "./automation/editor.js";
import { Pipelines } from "./automation/list.js";

await styled(new URL("./automation/automation.css", import.meta.url).href);

export default function Automation() {
  const pipeline = route.value.parts[1];
  return pipeline ? html`<${Editor} key=${pipeline} pipeline=${pipeline} />` : html`<${Pipelines} />`;
}

/** Load a style sheet, once. @param {string} href @returns {Promise<void>} */
function styled(href) {
  return new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.onload = link.onerror = () => done();
    document.head.append(link);
  });
}
