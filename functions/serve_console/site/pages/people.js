// @ts-check
/** People and what they may: persons, programs, secrets, what the plan includes, the audit log, personal data. */
import { h, useEffect, useState } from "../vendor/preact.js";
import { Empty, Failed, Loading, PageHead, html, refused, route, t, to } from "../lib/ui.js";

/** The parts by their addresses, each with the role that it needs and its module. @type {Record<string, {role: string, module: string}>} */
const PARTS = {
  "": { role: "administrator", module: "persons" },
  programs: { role: "administrator", module: "programs" },
  secrets: { role: "administrator", module: "secrets" },
  entitlements: { role: "viewer", module: "entitlements" },
  audit: { role: "administrator", module: "audit" },
  "personal-data": { role: "administrator", module: "personal_data" },
  maintenance: { role: "administrator", module: "maintenance" },
};

export default function People() {
  const part = route.value.parts[1] ?? "";
  const known = part in PARTS;
  return html`<div class="page wide">
    <${PageHead} title=${known ? t(`people part ${PARTS[part].module}`) : t("not found")} />
    <div role="navigation" class="parts" aria-label=${t("people parts")}>${Object.entries(PARTS).map(([name, { role, module }]) => {
      const why = refused(role);
      return html`<a key=${name} href=${to(name ? ["people", name] : ["people"])} title=${why ?? undefined} aria-current=${name === part ? "page" : undefined}>
        ${t(`people part ${module}`)}${why ? html`<span class="unseen">, ${why}</span><span aria-hidden="true"> · ${t("people locked")}</span>` : null}
      </a>`;
    })}</div>
    ${known ? html`<${Part} key=${part} part=${part} />` : html`<p><a href=${to(["people"])}>${t("people part persons")}</a></p>`}
  </div>`;
}

/** @param {{part: string}} props */
function Part({ part }) {
  const { role, module } = PARTS[part];
  const why = refused(role);
  const [loaded, know] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  const load = () => {
    tell(null);
    import(`./people/${module}.js`).then(know, tell);
  };
  useEffect(() => {
    if (!why) load();
  }, [part]);
  if (why) return html`<${Empty} title=${why}><p>${t(`people why ${module}`)}</p><p><a href=${to(["people", "entitlements"])}>${t("people part entitlements")}</a></p><//>`;
  if (problem) return html`<${Failed} problem=${problem} again=${load} />`;
  return loaded ? h(loaded.default, {}) : html`<${Loading} />`;
}
