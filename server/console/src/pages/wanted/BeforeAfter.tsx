import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { NamedRequest } from '@vedette/server/desk/answered/requests'
import type { Findings } from '@vedette/server/gallery/enrolment-answer'
import type { ListPolicy } from '@vedette/server/lists/list'
import type { PolicyChange } from '@vedette/server/lists/policy'
import type { Entry } from '@vedette/server/store/entries'
import type { PhotoRecord } from '@vedette/server/store/photos'
import { Problem } from '../../parts/Problem.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { Behaviour, Forecast } from './Forecast.tsx'
import { day } from './format.ts'
import { LookAlikes } from './LookAlikes.tsx'
import { Photo } from './Photo.tsx'
import { policyWords } from './policy-words.ts'
import { SideBySide } from './SideBySide.tsx'

type BeforeAfterProps = { request: NamedRequest; lists: readonly CountedList[] }

/** How things are, beside how they would be. */
export function BeforeAfter({ request, lists }: BeforeAfterProps) {
  const t = useWords('wanted')
  const { change, entry: id, list } = request
  const path = id === undefined ? undefined : `/entries/${id}`
  const { data: entry, problem } = useDesk<Entry>(path)
  const nameOf = (which: string) => lists.find((one) => one.id === which)?.name ?? which
  if (problem) return <Problem problem={problem} />
  if (change.kind === 'list.change') {
    const before = lists.find((one) => one.id === list)
    return before ? <ListChange before={before} change={change.policy} /> : null
  }
  if (!entry) return <Progress label={t('entry.loading')} />
  switch (change.kind) {
    case 'entry.add':
      return (
        <>
          <SideBySide entries={[{ heading: t('request.new'), entry }]} />
          <Expected entry={entry} />
        </>
      )
    case 'entry.photos':
      return <Photos entry={entry} ids={change.photos} />
    case 'entry.extend':
      return <Two entry={entry} before={day(entry.expiresAt)} after={day(change.expiresAt)} />
    case 'entry.move':
      return <Two entry={entry} before={nameOf(entry.list)} after={nameOf(change.list)} />
    case 'entry.merge':
      return <Merge entry={entry} from={change.from} />
    case 'entry.split':
      return <Split entry={entry} photos={change.photos} name={change.name} />
    default:
      return change satisfies never
  }
}

function Two({ entry, before, after }: { entry: Entry; before: string; after: string }) {
  const t = useWords('wanted')
  return (
    <div class="wanted-two">
      <Photo entry={entry.id} alt={entry.name} size={112} />
      <dl>
        <dt>{t('request.before')}</dt>
        <dd>{before}</dd>
        <dt>{t('request.after')}</dt>
        <dd>
          <strong>{after}</strong>
        </dd>
      </dl>
    </div>
  )
}

/** What is to be expected of somebody new: it is what the second person consents to. */
function Expected({ entry }: { entry: Entry }) {
  const t = useWords('wanted')
  const { data, problem, reload } = useDesk<Findings>(`/entries/${entry.id}/standing`)
  return (
    <details open>
      <summary>{t('request.expected')}</summary>
      <div class="stack">
        <Problem problem={problem} onRetry={reload} />
        {data ? (
          <>
            <Behaviour behaviour={data.behaviour} />
            {data.lookalikes.length === 0 ? (
              <p class="quiet">{t('found.nobody')}</p>
            ) : (
              <LookAlikes
                lookalikes={data.lookalikes}
                mine={<Photo entry={entry.id} alt={entry.name} size={112} />}
                actions={({ entry: other }) => (
                  <a class="button" href={`/wanted/${other}`}>
                    {t('found.open')}
                  </a>
                )}
              />
            )}
            <Forecast forecast={data.forecast} />
          </>
        ) : (
          !problem && <Progress label={t('entry.judging')} />
        )}
      </div>
    </details>
  )
}

function Photos({ entry, ids }: { entry: Entry; ids: readonly string[] }) {
  const t = useWords('wanted')
  const { data, problem } = useDesk<PhotoRecord[]>(`/entries/${entry.id}/photos`)
  const faces = (some: readonly PhotoRecord[]) => (
    <div class="faces">
      {some.map(({ id, photo }) => (
        <Photo key={id} entry={entry.id} photo={photo} alt={t('photo.of', { photo })} size={112} />
      ))}
    </div>
  )
  if (!data) return <Problem problem={problem} />
  return (
    <dl class="wanted-two">
      <div>
        <dt>{t('request.before')}</dt>
        <dd>{faces(data.filter(({ id }) => !ids.includes(id)))}</dd>
      </div>
      <div>
        <dt>{t('request.added')}</dt>
        <dd>{faces(data.filter(({ id }) => ids.includes(id)))}</dd>
      </div>
    </dl>
  )
}

function Merge({ entry, from }: { entry: Entry; from: string }) {
  const t = useWords('wanted')
  const { data, problem } = useDesk<Entry>(`/entries/${from}`)
  if (!data) return <Problem problem={problem} />
  return (
    <SideBySide
      entries={[
        { heading: t('merge.stays'), entry },
        { heading: t('merge.goes'), entry: data },
      ]}
    />
  )
}

function Split({ entry, photos, name }: { entry: Entry; photos: readonly number[]; name: string }) {
  const t = useWords('wanted')
  const all = Array.from({ length: entry.photos }, (_, i) => i + 1)
  const faces = (some: readonly number[]) => (
    <div class="faces">
      {some.map((photo) => (
        <Photo
          key={photo}
          entry={entry.id}
          photo={photo}
          alt={t('photo.of', { photo })}
          size={112}
        />
      ))}
    </div>
  )
  return (
    <dl class="wanted-two">
      <div>
        <dt>{entry.name}</dt>
        <dd>{faces(all.filter((photo) => !photos.includes(photo)))}</dd>
      </div>
      <div>
        <dt>{name}</dt>
        <dd>{faces(photos)}</dd>
      </div>
    </dl>
  )
}

function ListChange({ before, change }: { before: CountedList; change: PolicyChange }) {
  const t = useWords('wanted')
  const fields = Object.keys(change) as (keyof ListPolicy)[]
  const changed = fields.filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(change[field]),
  )
  return (
    <table>
      <thead>
        <tr>
          <th>{t('lists.policy')}</th>
          <th>{t('request.before')}</th>
          <th>{t('request.after')}</th>
        </tr>
      </thead>
      <tbody>
        {changed.map((field) => (
          <tr key={field}>
            <th scope="row">{t(`policy.${field}`)}</th>
            <td>{policyWords(field, before[field], t)}</td>
            <td>
              <strong>{policyWords(field, change[field], t)}</strong>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
