import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { Findings } from '@vedette/server/gallery/enrolment-answer'
import type { Entry } from '@vedette/server/store/entries'
import type { PhotoRecord } from '@vedette/server/store/photos'
import { Problem } from '../../parts/Problem.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { may } from '../../session.ts'
import { relative } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { EntryActions } from './EntryActions.tsx'
import { EntryDetails } from './EntryDetails.tsx'
import { EntryHistory } from './EntryHistory.tsx'
import { EntryPhotos } from './EntryPhotos.tsx'
import { Behaviour, Forecast } from './Forecast.tsx'
import { day, SOON_MS, TONES } from './format.ts'
import { ListName } from './ListName.tsx'
import { LookAlikes } from './LookAlikes.tsx'
import { Photo } from './Photo.tsx'
import { Sightings } from './Sightings.tsx'
import { useNews } from './use-news.ts'

/** All that is known of one entry, and what may become of it. */
export function EntryPage({ id }: { id: string }) {
  const t = useWords('wanted')
  const entry = useDesk<Entry>(`/entries/${encodeURIComponent(id)}`)
  const known = entry.data?.id
  const photos = useDesk<PhotoRecord[]>(known && `/entries/${known}/photos`)
  const standing = useDesk<Findings>(known && `/entries/${known}/standing`)
  const lists = useDesk<CountedList[]>('/lists')
  const list = lists.data?.find((one) => one.id === entry.data?.list)
  const reload = () => void Promise.all([entry, photos, standing].map((one) => one.reload()))

  useNews(['entry'], reload, (news) => news.entry === id)
  useNews(['lists'], lists.reload)

  if (entry.problem && !entry.data) {
    return (
      <>
        <Problem problem={entry.problem} onRetry={entry.reload} />
        <a href="/wanted">{t('entry.back')}</a>
      </>
    )
  }
  if (!entry.data) return <Progress label={t('entry.loading')} />
  const { name, state, expiresAt, aliases } = entry.data
  const gone = entry.problem?.code === 'entry.not-found'
  const soon = state === 'live' && expiresAt <= Date.now() + SOON_MS
  return (
    <article class="stack" aria-label={name}>
      <header class="wanted-entry-head">
        <div>
          <h2>{name}</h2>
          {aliases.length > 0 && (
            <p class="quiet">{t('entry.alsoCalled', { names: aliases.join(', ') })}</p>
          )}
          <div class="row">
            <ListName id={entry.data.list} list={list} />
            <Tag tone={TONES[state]}>{t(`states.${state}`)}</Tag>
            <span class={soon ? 'wanted-soon' : 'quiet'}>
              {t(state === 'expired' ? 'entry.endedAt' : 'entry.untilDay', { day: day(expiresAt) })}{' '}
              ({relative(expiresAt)})
            </span>
          </div>
        </div>
        <EntryActions
          entry={entry.data}
          photos={photos.data ?? []}
          lists={lists.data ?? []}
          gone={gone}
          onChanged={reload}
        />
      </header>
      <div aria-live="assertive">
        {gone && (
          <p class="wanted-note">
            {t('entry.gone')} <a href="/wanted">{t('entry.back')}</a>
          </p>
        )}
      </div>
      {state === 'pending' && (
        <p class="wanted-note">
          {t('entry.pending')} <a href="/wanted/approvals">{t('tabs.approvals')}</a>
        </p>
      )}
      {state === 'expired' && <p class="wanted-note">{t('entry.expired')}</p>}
      {!gone && (
        <Problem problem={entry.problem ?? photos.problem ?? standing.problem} onRetry={reload} />
      )}
      <div class="wanted-entry">
        <div class="stack">
          <EntryPhotos
            entry={entry.data}
            photos={photos.data}
            standing={standing.data}
            gone={gone}
            onChanged={reload}
          />
          <section class="card stack">
            <h3>{t('found.alike')}</h3>
            {standing.busy && !standing.data && <Progress label={t('entry.judging')} />}
            {standing.data?.lookalikes.length === 0 && <p class="quiet">{t('found.nobody')}</p>}
            {standing.data && (
              <LookAlikes
                lookalikes={standing.data.lookalikes}
                mine={<Photo entry={entry.data.id} alt={name} size={112} />}
                actions={({ entry: other }) => (
                  <>
                    <a class="button" href={`/wanted/${other}`}>
                      {t('found.open')}
                    </a>
                    {may('entries.change') && (
                      <a class="button" href={`/wanted/${id}?merge=${other}`}>
                        {t('found.merge')}
                      </a>
                    )}
                  </>
                )}
              />
            )}
          </section>
          {may('alerts.view') && <Sightings entry={entry.data.id} />}
        </div>
        <div class="stack">
          <EntryDetails entry={entry.data} list={list} gone={gone} onChanged={reload} />
          <section class="card stack">
            <h3>{t('found.behaviour')}</h3>
            {standing.data && <Behaviour behaviour={standing.data.behaviour} />}
            {entry.data.strictness !== 1 && (
              <p>{t('entry.strictness', { times: entry.data.strictness })}</p>
            )}
            <h3>{t('found.forecast')}</h3>
            {standing.data && <Forecast forecast={standing.data.forecast} />}
          </section>
          <EntryHistory entry={entry.data.id} about={entry.data} />
        </div>
      </div>
    </article>
  )
}
