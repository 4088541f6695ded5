import { html, type Markup, raw } from '../pages/html.ts'
import type { Manifest } from './manifest.ts'
import type { Parts } from './zip.ts'

type Said = Omit<Manifest, 'parts'>

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; overflow-wrap: anywhere }
th { font-weight: 600; white-space: nowrap } figure { display: inline-block; margin: 0 1rem 1rem 0; width: 150px; font-size: 12px }
figure img { width: 150px; height: 150px; object-fit: contain; background: #eee }
code { font-size: 12px; word-break: break-all }
`

/** Fetches nothing and runs nothing. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

/** The same for people: one page that stands by itself. */
export function pageOf(said: Said, files: Parts): string {
  const { alert, entry, dossier, frames, photos, life, exported, record, signer } = said
  const reached = alert.score >= alert.threshold ? 'reaches' : 'is below'
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>Evidence of alert ${alert.id}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<h1>Evidence of alert ${alert.id}</h1>
<p>This page shows what the file says. Whether the file is as it was signed, and whether the scores follow from the
pictures, is told by: <code>vedette verify FILE</code></p>
<table>
${row('Taken for', `${entry.name} (entry ${entry.id}, list ${dossier?.list.name ?? 'unknown'})`)}
${row('What it was', alert.outcome === null ? `nobody has said (${alert.state})` : `${alert.outcome} (${alert.state})`)}
${row('Seen', `${time(alert.capturedAt)} by camera ${alert.agent}/${alert.camera}`)}
${row('Alert raised', time(alert.raisedAt))}
${row('Best shot received', time(alert.receivedAt))}
${row('Score', `${alert.score.toFixed(4)} ${reached} what it had to reach, ${alert.threshold.toFixed(4)}; next best on any list: ${alert.runnerUp === null ? 'nobody' : alert.runnerUp.toFixed(4)}`)}
${row('Evidence', alert.certainty)}
</table>
<h2>What the camera saw</h2>
${frames.map((frame, i) =>
  figure(
    files.get(frame.chip),
    `${i + 1}. ${time(frame.capturedAt)}: ${frame.chips === 1 ? 'one chip' : `${frame.chips} chips together`} ${frame.score.toFixed(4)} (needed ${frame.threshold.toFixed(4)}), quality ${Math.round(frame.quality * 100)}`,
  ),
)}
${photos.length === 0 ? '' : html`<h2>What was enrolled</h2>`}
${photos.map(({ file, position }) => figure(files.get(file), `Photograph ${position}`))}
<h2>What happened to it</h2>
<table>
${life.map((step) => row(time(step.at), lifeText(step)))}
</table>
<h2>What it was held against, and with what</h2>
${dossier === null ? html`<p>Nothing of this was kept by the version that raised it, or retention deleted it.</p>` : dossierTable(dossier)}
<h2>This file</h2>
<table>
${row('Exported', `${time(exported.at)} by ${exported.by} from ${exported.from}: ${exported.why ?? ''}`)}
${row('Record', `act ${record.seq} or before; hash ${record.hash}`)}
${row('Signed by key', signer.id)}
</table>
</body>
</html>
`
  return text
}

function dossierTable(dossier: NonNullable<Said['dossier']>): Markup {
  const { threshold, models, list, certificate, software, photos } = dossier
  return html`<table>
${row('Threshold', `${threshold.needed.toFixed(4)} (${threshold.origin})`)}
${threshold.why.map((why) => row('', why))}
${row('Embedder', `${models.embedder.id}, SHA-256 ${models.embedder.sha256}`)}
${row('Landmarks', `${models.landmarks.id}, SHA-256 ${models.landmarks.sha256}`)}
${row('Detector', models.detector === null ? 'the camera did not say' : `${models.detector.id}, SHA-256 ${models.detector.sha256}`)}
${row('List', `${list.name}, policy version ${list.version}; searched: entries ${list.entries}, templates ${list.templates}, fingerprint ${list.fingerprint}`)}
${row('Camera certificate', certificate === null ? 'not known' : `serial ${certificate.serial}, SHA-256 ${certificate.fingerprint ?? 'not known'}`)}
${row('Software', `server ${software.server}, camera ${software.agent ?? 'not known'}`)}
${photos.map(({ position, sha256 }) => row(`Photograph ${position}`, `SHA-256 ${sha256}`))}
</table>`
}

function row(head: string, words: string): Markup {
  return html`<tr><th>${head}</th><td>${words}</td></tr>
`
}

function figure(jpeg: Uint8Array | undefined, caption: string): Markup {
  if (jpeg === undefined) return html``
  const data = Buffer.from(jpeg).toString('base64')
  return html`<figure><img alt="" src="data:image/jpeg;base64,${data}"><figcaption>${caption}</figcaption></figure>
`
}

function lifeText({ kind, by, from, outcome, note, why }: Said['life'][number]): string {
  const said = outcome === null ? '' : ` (${outcome})`
  const who = by === null ? '' : ` by ${by}${from === null ? '' : ` from ${from}`}`
  const words = [note, why].filter((text) => text !== null).join('; ')
  return `${kind}${said}${who}${words === '' ? '' : `: ${words}`}`
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
