import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { Entry } from '@vedette/server/store/entries'
import { Tag } from '../../parts/Tag.tsx'
import { may } from '../../session.ts'
import { relative } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { day, SOON_MS, TONES } from './format.ts'
import { ListName } from './ListName.tsx'
import { Photo } from './Photo.tsx'

type Drawing = {
  /** `gone`: there is no such entry any more; it keeps its place. */
  rows: readonly { entry: Entry; gone: boolean }[]
  lists: ReadonlyMap<string, CountedList>
  marked: ReadonlySet<string>
  mark: (id: string, on: boolean) => void
}

export function Cards({ rows, lists, ...marking }: Drawing) {
  return (
    <ul class="wanted-cards">
      {rows.map(({ entry, gone }) => (
        <li key={entry.id} class="card" data-state={entry.state} data-gone={gone}>
          <a href={`/wanted/${entry.id}`} aria-label={entry.name}>
            <Photo entry={entry.id} alt="" size={160} />
          </a>
          <div class="about">
            <a class="name" href={`/wanted/${entry.id}`}>
              {entry.name}
            </a>
            <ListName id={entry.list} list={lists.get(entry.list)} />
            {gone ? <Gone /> : <Standing entry={entry} />}
          </div>
          {!gone && <Mark entry={entry} {...marking} />}
        </li>
      ))}
    </ul>
  )
}

export function Table({ rows, lists, ...marking }: Drawing) {
  const t = useWords('wanted')
  if (rows.length === 0) return null
  return (
    <div class="scroll-x">
      <table class="wanted-table">
        <thead>
          <tr>
            <th>
              <span class="unseen">{t('people.marked')}</span>
            </th>
            <th>
              <span class="unseen">{t('entry.photo')}</span>
            </th>
            <th>{t('details.name')}</th>
            <th>{t('people.list')}</th>
            <th>{t('people.state')}</th>
            <th>{t('details.expires')}</th>
            <th>{t('details.caseNumber')}</th>
            <th>{t('entry.photos')}</th>
            <th>{t('entry.enrolled')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ entry, gone }) => (
            <tr key={entry.id} data-gone={gone}>
              <td>{!gone && <Mark entry={entry} {...marking} />}</td>
              <td>
                <Photo entry={entry.id} alt="" size={40} />
              </td>
              <td>
                <a href={`/wanted/${entry.id}`}>{entry.name}</a>
              </td>
              <td>
                <ListName id={entry.list} list={lists.get(entry.list)} />
              </td>
              <td>
                {gone ? (
                  <Gone />
                ) : (
                  <Tag tone={TONES[entry.state]}>{t(`states.${entry.state}`)}</Tag>
                )}
              </td>
              <td>
                {day(entry.expiresAt)} <span class="small quiet">{relative(entry.expiresAt)}</span>
              </td>
              <td>{entry.caseNumber}</td>
              <td class="number">{entry.photos}</td>
              <td>
                {day(entry.createdAt)} <span class="small quiet">{entry.createdBy}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Mark({ entry, marked, mark }: Pick<Drawing, 'marked' | 'mark'> & { entry: Entry }) {
  const t = useWords('wanted')
  if (!may('entries.change')) return null
  return (
    <input
      type="checkbox"
      aria-label={t('people.mark', { name: entry.name })}
      checked={marked.has(entry.id)}
      onChange={(event) => mark(entry.id, event.currentTarget.checked)}
    />
  )
}

function Gone() {
  return <Tag>{useWords('wanted')('people.gone')}</Tag>
}

/** Only what is out of the ordinary: a state, or a time that is nearly over. */
export function Standing({ entry }: { entry: Entry }) {
  const t = useWords('wanted')
  const { state, expiresAt } = entry
  if (state !== 'live') return <Tag tone={TONES[state]}>{t(`states.${state}`)}</Tag>
  const soon = expiresAt <= Date.now() + SOON_MS
  const words = t('entry.until', { when: soon ? relative(expiresAt) : day(expiresAt) })
  return soon ? <Tag tone="warn">{words}</Tag> : <span class="small quiet">{words}</span>
}
