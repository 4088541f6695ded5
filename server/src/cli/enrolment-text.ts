import type { EnrolAnswer, Findings } from '../gallery/enrolment-answer.ts'
import type { PhotoVerdict } from '../gallery/photo-verdict.ts'
import { when } from './render.ts'

const MOST_CAMERAS = 5

/** What whoever enrols somebody reads: who it is, each photograph, and what is to be expected. */
export function answerText(answer: EnrolAnswer): string {
  const { entry, past, photos } = answer
  const accepted = photos.filter((photo) => photo.accepted).length
  const count = accepted === 1 ? '1 photo' : `${accepted} photos`
  const head =
    entry === null
      ? ['checked   nothing was stored']
      : [
          `enrolled  ${entry.name} on list ${entry.list} with ${count}`,
          `entry     ${entry.id}`,
          entry.state === 'live'
            ? `until     ${when(entry.expiresAt)}`
            : `state     ${entry.state}: matches nobody until a second person consents (vedette entries pending)`,
        ]
  return [...head, ...findingsLines(answer), ...pastLines(past)].join('\n')
}

function pastLines(past: EnrolAnswer['past']): string[] {
  if (past?.fault) {
    return [`past      could not be searched now (${past.fault}): it is searched later`]
  }
  if (past === null || past.walks === 0) return []
  const seen = past.seen.map(
    ({ id, agent, camera, at, score, needed }) =>
      `past      ${when(at)} at ${agent}/${camera}, ${score.toFixed(3)} (needed ${needed.toFixed(3)}), alert ${id}`,
  )
  return seen.length > 0 ? seen : [`past      not seen in ${past.walks} walks that were kept`]
}

/** The same for photographs that were added to somebody. */
export function addedText(answer: EnrolAnswer & { request?: string }): string {
  const { entry, request } = answer
  const head =
    request === undefined
      ? `added     ${entry?.name} has ${entry?.photos} photographs now`
      : `waits     for a second person: vedette entries approve ${request}`
  return [head, ...findingsLines(answer)].join('\n')
}

/** All that was found, a line each. */
export function findingsLines(findings: Findings): string[] {
  const { photos, lookalikes, behaviour, forecast, agreement } = findings
  let good = 0
  return [
    ...photos.flatMap((photo) => photoLines(photo, photo.accepted ? agreement[good++] : null)),
    ...lookalikes.map(({ entry, name, list, score, threshold, same }) => {
      const figures = `${score.toFixed(3)}, one person from ${threshold.toFixed(3)} on`
      return `${same ? 'on list? ' : 'look-alike'} ${name}, list ${list}, entry ${entry} (${figures})`
    }),
    ...(photos.some(({ accepted }) => accepted) && lookalikes.length === 0
      ? ['on list?  nobody on the list looks like it']
      : []),
    ...(behaviour === null ? [] : [`behaves   ${behaviour.kind}: ${behaviour.words}`]),
    ...forecast
      .toSorted((p, q) => q.forecast.expected - p.forecast.expected)
      .slice(0, MOST_CAMERAS)
      .map(({ agent, camera, words }) => `forecast  ${agent}/${camera}: false alerts ${words}`),
    ...(forecast.length > MOST_CAMERAS
      ? [`forecast  ${forecast.length - MOST_CAMERAS} more cameras (--json)`]
      : []),
  ]
}

function photoLines(photo: PhotoVerdict, agreement: number | null | undefined): string[] {
  const { accepted, file, words, advice, faces, face } = photo
  const alike = agreement == null ? '' : `; ${agreement.toFixed(3)} alike to the other photographs`
  const which = faces.length > 1 && face !== null ? `face ${face} of ${faces.length}: ` : ''
  const line = `${accepted ? 'good ' : 'BAD  '}     ${file}: ${which}${words}${alike}`
  const listed =
    faces.length > 1 && face === null
      ? faces.map((one) => {
          const { x, y, width, height } = one.box
          return `            face ${one.face}: ${width}×${height} pixels at ${x},${y}, quality ${Math.round(one.quality * 100)} of 100`
        })
      : []
  return [line, ...listed, ...(advice === '' ? [] : [`            ${advice}`])]
}
