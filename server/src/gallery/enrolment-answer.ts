import { Refusal } from '@vedette/shared/errors'
import type { Found } from '../past/past.ts'
import type { Database } from '../store/database.ts'
import type { Entry } from '../store/entries.ts'
import type { EntryKey } from '../store/vault.ts'
import type { Added } from '../thresholds/added.ts'
import type { EntryBehaviour } from './behaviour.ts'
import type { LookAlike } from './look-alikes.ts'
import { type PhotoVerdict, refusalOf } from './photo-verdict.ts'

/** All that can be said of an enrolment in one breath, whatever came of it. */
export type Findings = {
  photos: PhotoVerdict[]
  /** How alike each photograph is to the other most like it; null for a single one. */
  agreement: (number | null)[]
  /** Who is on a list already, the most alike first. */
  lookalikes: LookAlike[]
  /** False alerts that the entry adds at each camera. */
  forecast: Added[]
  behaviour: EntryBehaviour | null
}

/**
 * What whoever enrols somebody is answered. `entry` is null where nothing was to be stored, `past` where
 * it was not searched.
 */
export type EnrolAnswer = Findings & { entry: Entry | null; past: Found | null }

/** Nothing was enrolled; all that was found goes along. */
export class EnrolmentRefusal extends Refusal {
  readonly findings: Findings

  constructor({ code, message, hint, params }: Refusal, findings: Findings) {
    super(code, message, { ...(hint && { hint }), ...(params && { params }) })
    this.name = 'Refusal'
    this.findings = findings
  }
}

/** Why nothing is enrolled, of what was found; undefined where all is well. */
export function objectionTo(
  { photos, lookalikes, behaviour }: Findings,
  odd: readonly number[],
  allowed: { poor: boolean; anyway: boolean; into: string | undefined },
): Refusal | undefined {
  const bad = photos.filter(({ accepted }) => !accepted)
  const [first] = bad
  if (first !== undefined && (!allowed.poor || bad.length === photos.length)) {
    const refusal = refusalOf(first)
    const others = bad.length > 1 ? ` (and ${bad.length - 1} more are not accepted)` : ''
    const { code, message, hint } = refusal
    const params = { file: first.file, more: bad.length - 1 }
    return new Refusal(code, message + others, { ...(hint && { hint }), params })
  }
  if (allowed.anyway) return undefined
  if (odd.length > 0) {
    const accepted = photos.filter((one) => one.accepted)
    const names = odd.map((n) => accepted[n - 1]).map((one) => one!.file || `photo ${one!.photo}`)
    const named = names.join(', ')
    return new Refusal(
      'photo.other-person',
      names.length === accepted.length
        ? `each of these photographs shows somebody else: ${named}`
        : `${named} ${names.length === 1 ? 'does' : 'do'} not show whom the other photographs show`,
      {
        hint: 'leave out what shows somebody else; if all of them show one person: --anyway',
        params: { photos: names, which: names.length === accepted.length ? 'all' : 'some' },
      },
    )
  }
  if (behaviour?.kind === 'wolf') {
    return new Refusal('photo.wolf', behaviour.words, {
      hint: 'take another, clearer photograph of this person alone; --anyway enrols it so strictly that it accuses no more people than others do',
    })
  }
  const double = lookalikes.find(({ same, entry }) => same && entry !== allowed.into)
  if (double === undefined) return undefined
  const { entry, list, score, threshold } = double
  const figures = `${score.toFixed(3)}, one person from ${threshold.toFixed(3)} on`
  return new Refusal('entry.duplicate', `on list ${list} already: entry ${entry} (${figures})`, {
    hint: `look at it: vedette entries show ${entry}; add to it with --add-to ${entry}; somebody else: --anyway`,
    params: { list, entry, score: score.toFixed(3), threshold: threshold.toFixed(3) },
  })
}

/** What was found of more photographs, and the request that waits where a second person is needed. */
export type AddedTo = EnrolAnswer & { request: string | undefined }

/** Run in the transaction that stores what was asked for. */
export type AnsweredAlso<A extends EnrolAnswer> = (
  tx: Database,
  key: EntryKey,
  answer: A & { entry: Entry },
) => Promise<void>
