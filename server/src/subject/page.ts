import { ACTS, isActKind } from '../audit/kinds.ts'
import { html, type Markup, raw } from '../pages/html.ts'
import type { Held, HeldAlert } from './held.ts'

/** A page that stands alone; `photos` are JPEG, in the order of the entry's. No script, nothing fetched. */
export function heldPage(held: Held, photos: readonly Uint8Array[]): string {
  const { entry, madeAt, madeBy, complete, keeping } = held
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>What is held about ${entry.name}</title>
<style>${raw(STYLE)}</style>
<main>
<h1>What is held about ${entry.name}</h1>
<p class="by">Made ${time(madeAt)} by ${madeBy}, with Vedette. Entry ${entry.id}.</p>
${complete ? '' : html`<p class="note">Whoever made this does not see every camera: alerts may be missing. Somebody who sees all must make it before it is given to the person.</p>`}
<h2>Why and until when</h2>
${definitions([
  ['Name', entry.name],
  ['Also known as', entry.aliases.join(', ')],
  ['List', `${held.listName} (${entry.list})`],
  ['State', entry.state],
  ['Reason', entry.reason],
  ['Legal basis', entry.legalBasis],
  ['Authority', entry.authority],
  ['Case number', entry.caseNumber],
  ['Note', entry.note],
  ['Enrolled', `${time(entry.createdAt)} by ${entry.createdBy}`],
  ['Ends by itself', time(keeping.entryUntil)],
  ['Alerts are deleted', `${days(keeping.alerts)} after they were resolved`],
  ['Near misses are deleted', `after ${days(keeping.nearMisses)}`],
  [
    'The record is deleted',
    `after ${days(keeping.acts)}; who looked, after ${days(keeping.views)}`,
  ],
  [
    'Faces that matched nobody',
    keeping.sightingsHours === 0
      ? 'are not kept for this list'
      : `are kept for ${keeping.sightingsHours} hours for this list, as numbers that are sealed; whom they are of is not known`,
  ],
])}
<h2>Photographs</h2>
<section class="photos">
${photos.map((jpeg, i) => {
  const photo = held.photos[i]
  const origin = [photo?.source, photo?.taken && `taken ${photo.taken}`].filter((one) => one)
  return html`<figure><img alt="photograph ${i + 1}" src="data:image/jpeg;base64,${raw(Buffer.from(jpeg).toString('base64'))}">
<figcaption>${i + 1}, kept since ${photo === undefined ? '?' : time(photo.createdAt)}${origin.length > 0 ? `; ${origin.join(', ')}` : ''}</figcaption></figure>`
})}
</section>
<h2>Templates</h2>
<p>Numbers that a face is compared by. They are sealed, and are not shown here.</p>
${table(
  ['photograph', 'model', 'numbers', 'also as seen from afar'],
  held.templates.map((one) => [one.photo, one.space, one.length, one.far ? 'yes' : 'no']),
)}
<h2>Alerts (${held.alerts.length})</h2>
${held.alerts.length === 0 ? html`<p>No camera has been taken to show this person.</p>` : held.alerts.map(alertOf)}
<h2>Came near, without an alert</h2>
${table(
  ['camera', 'walks', 'highest score', 'last'],
  held.nearMisses.map(({ agent, camera, walks, highest, lastAt }) => [
    `${agent}/${camera}`,
    walks,
    highest.toFixed(3),
    time(lastAt),
  ]),
)}
<p>${held.rejections} alerts were judged to be somebody else; that face is kept with the entry, so that it does not raise another.</p>
<h2>Who did what, and who looked</h2>
${table(
  ['when', 'who', 'from', 'what', 'why'],
  held.acts.map(({ at, by, from, kind, why }) => [
    time(at),
    by ?? 'deleted in its time',
    from ?? '',
    isActKind(kind) ? ACTS[kind].words : kind,
    why ?? '',
  ]),
)}
</main>
</html>
`.text
}

function alertOf({
  capturedAt,
  agent,
  camera,
  score,
  threshold,
  certainty,
  life,
  ...alert
}: HeldAlert) {
  return html`<section class="alert">
<h3>${time(capturedAt)}, camera ${agent}/${camera}</h3>
<p>Score ${score.toFixed(3)}, where ${threshold.toFixed(3)} was needed; ${certainty}; ${alert.outcome === null ? alert.state : `${alert.state}: ${alert.outcome}`}. Alert ${alert.id}.</p>
${table(
  ['when', 'who', 'what', 'note'],
  life.map((step) => [time(step.at), step.by ?? 'the system', step.kind, step.note ?? '']),
)}
</section>`
}

function definitions(rows: readonly (readonly [string, string])[]): Markup {
  return html`<dl>${rows.map(([head, text]) => html`<dt>${head}</dt><dd>${text === '' ? '–' : text}</dd>`)}</dl>`
}

function table(
  heading: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): Markup {
  if (rows.length === 0) return html`<p>None.</p>`
  const line = (cells: readonly (string | number)[]) =>
    html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`
  return html`<table><tr>${heading.map((head) => html`<th>${head}</th>`)}</tr>
${rows.map(line)}</table>`
}

function days(ms: number): string {
  const count = Math.round(ms / 8_640_000) / 10
  return `${count} ${count === 1 ? 'day' : 'days'}`
}

/** To the second, in UTC: the page is read elsewhere than where it was made. */
function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

const STYLE = `
body { font: 16px/1.5 'DejaVu Sans', Verdana, Arial, sans-serif; color: #1c1c1c; margin: 0 }
main { max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: 0 }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #ddd }
h3 { font-size: 1rem; margin: 0 }
.by { color: #666; margin-top: .2rem }
.note { background: #fff6e0; border-left: .3rem solid #e69f00; padding: .5rem .8rem }
.alert { border: 1px solid #ddd; border-radius: .4rem; padding: .8rem 1rem; margin: .8rem 0 }
.photos { display: flex; flex-wrap: wrap; gap: 1rem }
figure { margin: 0; max-width: 14rem } img { max-width: 100%; border-radius: .3rem }
figcaption { font-size: .8rem; color: #444 }
dl { display: grid; grid-template-columns: 13rem 1fr; gap: .3rem 1rem; margin: 0 }
dt { color: #666 } dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-size: .82rem }
th, td { text-align: left; padding: .35rem .5rem; border-bottom: 1px solid #e4e4e4; vertical-align: top; overflow-wrap: anywhere }
th { font-weight: normal; color: #666 }
@media print { main { margin: 0 } h2 { break-after: avoid } figure, tr, .alert { break-inside: avoid } }
`
