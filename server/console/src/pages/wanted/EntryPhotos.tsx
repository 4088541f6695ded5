import { useSignal } from '@preact/signals'
import type { Findings } from '@vedette/server/gallery/enrolment-answer'
import type { Entry } from '@vedette/server/store/entries'
import type { PhotoRecord } from '@vedette/server/store/photos'
import { desk } from '../../desk.ts'
import { askReason } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { may } from '../../session.ts'
import { useWords } from '../../words.ts'
import { day } from './format.ts'
import { Photo } from './Photo.tsx'
import { Boxes, Verdict } from './Verdict.tsx'

type EntryPhotosProps = {
  entry: Entry
  photos: readonly PhotoRecord[] | undefined
  standing: Findings | undefined
  /** Nothing of it can be changed any more. */
  gone: boolean
  onChanged: () => void
}

/** The photographs of an entry with what is said of each today. */
export function EntryPhotos({ entry, photos, standing, gone, onChanged }: EntryPhotosProps) {
  const t = useWords('wanted')
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const live = photos?.filter(({ state }) => state === 'live') ?? []

  const remove = async (photo: number) => {
    const reason = await askReason(t('photo.removeTitle', { photo }), t('photo.removeText'))
    if (reason === undefined) return
    problem.value = undefined
    try {
      await desk.delete(`/entries/${entry.id}/photos/${photo}`, undefined, { reason })
      onChanged()
    } catch (error) {
      problem.value = asProblem(error)
    }
  }

  return (
    <section class="card stack">
      <div class="row spread">
        <h3>{t('entry.photos')}</h3>
        {!gone && may('entries.enrol') && (entry.state === 'live' || entry.state === 'expired') && (
          <a class="button" href={`/wanted/add?to=${entry.id}`}>
            {t('photo.add')}
          </a>
        )}
      </div>
      <Problem problem={problem.value} />
      <ul class="wanted-photos">
        {photos?.map((record) => {
          const { id, photo, state, quality, createdAt, source, taken } = record
          const verdict = standing?.photos.find((one) => one.photo === photo)
          const agreement = standing?.agreement[live.findIndex((one) => one.id === id)]
          return (
            <li key={id}>
              <div class="frame">
                <Photo entry={entry.id} photo={photo} version={id} alt={t('photo.of', { photo })} />
                {verdict && <Boxes verdict={verdict} />}
              </div>
              <div class="row spread">
                <strong>{t('photo.number', { photo })}</strong>
                {state === 'pending' && <Tag tone="accent">{t('states.pending')}</Tag>}
              </div>
              <p>{t('photo.quality', { quality: Math.round(quality * 100) })}</p>
              {verdict && (
                <details>
                  <summary>{t('photo.kept')}</summary>
                  <Verdict verdict={verdict} agreement={agreement} />
                </details>
              )}
              <p class="small quiet">
                {t('photo.added', { day: day(createdAt) })}
                {source !== '' && ` · ${source}`}
                {taken !== '' && ` · ${taken}`}
              </p>
              {!gone && may('entries.change') && photos.length > 1 && (
                <Button onClick={() => remove(photo)}>{t('photo.remove')}</Button>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}
