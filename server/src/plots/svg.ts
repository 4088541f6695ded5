import type { TopLevelSpec } from 'vega-lite'

/** Colours that the colour-blind tell apart. Source: Okabe and Ito 2008. */
export const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000']

/** How plots look. */
export const LOOK = {
  font: 'DejaVu Sans, Verdana, Arial, sans-serif',
  title: { fontSize: 17, anchor: 'start' as const, offset: 14 },
  axis: {
    labelFontSize: 13,
    titleFontSize: 14,
    titleFontWeight: 'normal' as const,
    titlePadding: 10,
    gridColor: '#e4e4e4',
    domainColor: '#888888',
    tickColor: '#888888',
    labelOverlap: true,
  },
  view: { stroke: '#888888' },
}

/** What `spec` describes, as an SVG document. */
export async function svgOf(spec: TopLevelSpec): Promise<string> {
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
  const view = new View(parse(compile(spec).spec), { renderer: 'none' })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}
