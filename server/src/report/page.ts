import { html, type Markup, raw } from '../pages/html.ts'
import type { Account } from './account.ts'
import type { Figures, Share } from './figures.ts'
import { daysPlot, precisionPlot } from './plots.ts'

/** The account as a page that stands alone: no script, nothing fetched; it names nobody. */
export async function accountPage(account: Account): Promise<string> {
  const { from, to, madeAt, by, timeZone, total, cameras, lists } = account
  const day = (at: number) => dateIn(timeZone, at)
  const perCamera = cameras.map((row) => ({ ...row, name: `${row.agent}/${row.camera}` }))
  const perList = lists.map((row) => ({ ...row, name: row.list }))
  const days = await daysPlot(account)
  const precisions = [await precisionPlot(perCamera), await precisionPlot(perList)]
  const [byCamera, byList] = precisions
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Face matching, ${day(from)} to ${day(to - 1)}</title>
<style>${raw(STYLE)}</style>
<main>
<h1>Face matching from ${day(from)} to ${day(to - 1)}</h1>
<p class="by">Made ${dateTimeIn(timeZone, madeAt)} (${timeZone}) by ${by}, with Vedette.</p>
<section class="tiles">
${tile(count(total.walks), 'walks past a camera were searched for; of those that matched nobody nothing is kept unless a list asks for it')}
${tile(count(total.alerts), `alerts, of which ${total.withdrawn} were withdrawn by the system itself, ${total.late} came late and ${total.retrospective} were found in what had been kept`)}
${tile(percent(total.precision), `of the alerts judged right or wrong were right${interval(total.precision)}`)}
${tile(perThousand(total.falsePerThousand), `wrong alerts to a thousand walks${rateInterval(total.falsePerThousand)}`)}
</section>
${total.unjudged + total.unresolved > 0 ? unjudged(total) : ''}
<h2>Day by day</h2>
<figure>${raw(days)}</figure>
<h2>Where it was used</h2>
${tableOf(
  ['camera', 'watched', 'walks', ...OUTCOMES],
  perCamera.map((row) => [row.name, hours(row.watchedMs), count(row.walks), ...outcomes(row)]),
)}
${byCamera === undefined ? '' : html`<figure>${raw(byCamera)}</figure>`}
<h2>Whom it looked for</h2>
${tableOf(
  ['list', 'entries', 'now', ...OUTCOMES],
  perList.map((row) => [row.name, between(row), count(row.now), ...outcomes(row)]),
)}
${byList === undefined ? '' : html`<figure>${raw(byList)}</figure>`}
<h2>What the words mean</h2>
<dl>
<dt>walk</dt><dd>One face followed past one camera. Somebody who passes twice is two walks.</dd>
<dt>right, wrong</dt><dd>What operators found when they had looked: it was the person, or it was not.</dd>
<dt>unresolved</dt><dd>An operator looked, and could not tell.</dd>
<dt>not judged</dt><dd>Nobody has said yet.</dd>
<dt>withdrawn</dt><dd>The system took it back when it had seen the whole walk.</dd>
<dt>interval</dt><dd>Where the truth lies with 95 % confidence, given so few or so many cases: Wilson’s for shares, Garwood’s for rates.</dd>
</dl>
</main>
</html>
`.text
}

const OUTCOMES = ['alerts', 'right', 'wrong', 'unresolved', 'not judged', 'withdrawn', 'precision']

function outcomes(row: Figures): string[] {
  const counts = [row.alerts, row.true, row.false, row.unresolved, row.unjudged, row.withdrawn]
  return [...counts.map(count), `${percent(row.precision)}${interval(row.precision)}`]
}

function unjudged({ unjudged, unresolved, worstPrecision }: Figures): Markup {
  const open = unjudged + unresolved
  return html`<p class="note">${count(open)} ${open === 1 ? 'alert is' : 'alerts are'} unresolved or not judged.
Were all of them wrong, ${percentOf(worstPrecision ?? 0)} would be right.</p>`
}

function tile(figure: string, words: string): Markup {
  return html`<div><b>${figure}</b><span>${words}</span></div>`
}

function tableOf(heading: readonly string[], rows: readonly (readonly string[])[]): Markup {
  if (rows.length === 0) return html`<p>none</p>`
  const cells = (row: readonly string[]) => row.map((cell) => html`<td>${cell}</td>`)
  return html`<table><thead><tr>${heading.map((cell) => html`<th>${cell}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody></table>`
}

function between({ fewest, most }: { fewest: number | null; most: number | null }): string {
  if (fewest === null || most === null) return '–'
  return fewest === most ? count(most) : `${count(fewest)} to ${count(most)}`
}

const count = (value: number) => value.toLocaleString('en')
const percentOf = (value: number) => `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`
const percent = (share: Share | null) => (share === null ? '–' : percentOf(share.value))

function interval(share: Share | null): string {
  return share === null ? '' : ` (${percentOf(share.low)} to ${percentOf(share.high)})`
}

const perThousand = (rate: Share | null) => (rate === null ? '–' : rate.value.toPrecision(2))

function rateInterval(rate: Share | null): string {
  return rate === null ? '' : ` (${rate.low.toPrecision(2)} to ${rate.high.toPrecision(2)})`
}

function hours(milliseconds: number): string {
  return `${(milliseconds / 3_600_000).toLocaleString('en', { maximumFractionDigits: 1 })} h`
}

function dateIn(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'long' }).format(at)
}

function dateTimeIn(timeZone: string, at: number): string {
  const how = { timeZone, dateStyle: 'long', timeStyle: 'short' } as const
  return new Intl.DateTimeFormat('en-GB', how).format(at)
}

const STYLE = `
body { font: 16px/1.5 'DejaVu Sans', Verdana, Arial, sans-serif; color: #1c1c1c; margin: 0 }
main { max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: 0 }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #ddd }
.by { color: #666; margin-top: .2rem }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem }
.tiles div { border: 1px solid #ddd; border-radius: .4rem; padding: .8rem 1rem }
.tiles b { display: block; font-size: 1.9rem; line-height: 1.2 }
.tiles span { font-size: .85rem; color: #444 }
.note { background: #fff6e0; border-left: .3rem solid #e69f00; padding: .5rem .8rem }
figure { margin: 1rem 0; overflow-x: auto }
figure svg { max-width: 100%; height: auto }
table { border-collapse: collapse; width: 100%; font-size: .82rem }
th, td { text-align: right; padding: .35rem .5rem; border-bottom: 1px solid #e4e4e4; white-space: nowrap }
th { font-weight: normal; color: #666 }
th:first-child, td:first-child { text-align: left }
dt { font-weight: bold } dd { margin: 0 0 .5rem }
@media print { main { margin: 0 } h2 { break-after: avoid } figure, tr { break-inside: avoid } }
`
