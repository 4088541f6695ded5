const LOOK = `
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color: #16202b }
h2 { font-size: 1.5rem } h3 { margin: 1.5rem 0 0.25rem; font-size: 1.1rem }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: 5px 8px; border-bottom: 1px solid #d3dae2; text-align: start; vertical-align: top }
caption { display: none } .quiet { color: #4d5b6a }
.fate-legend { display: flex; gap: 14px; padding: 0; list-style: none }
.fate-legend .swatch { display: inline-block; width: 12px; height: 12px; margin-inline-end: 6px; background: var(--fate) }
.day-plot { width: 100% } .day-plot rect { fill: var(--fate) } .day-plot line { stroke: #7f8c9b }
[data-fate="true"] { --fate: #00795a } [data-fate="false"] { --fate: #b84a00 } [data-fate="unresolved"] { --fate: #9a6d00 }
[data-fate="unjudged"] { --fate: #0067a3 } [data-fate="withdrawn"] { --fate: #7f8c9b }
* { print-color-adjust: exact }
.share-interval { display: block; width: 120px; height: 16px }
.share-interval .rail { stroke: #7f8c9b } .share-interval .reach { stroke: #0b5cad; stroke-width: 3 } .share-interval circle { fill: #0b5cad }
`

/** A page that stands by itself: it fetches nothing and runs nothing. `html` is of this console's own making. */
export function pageOf(title: string, html: string, language: string): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'"
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${LOOK}</style>
</head>
<body>${html}</body>
</html>
`
}
