import type { JsonValue } from '@vedette/server/audit/act'
import type { ActRecord } from '@vedette/server/store/audit-search'
import { Scroll } from '../../parts/Scroll.tsx'
import { localTime, Time, utcTime } from '../../time.tsx'
import { useWords } from '../../words.ts'

type About = Partial<
  Record<'by' | 'entry' | 'alert' | 'camera' | 'list' | 'operator' | 'agent', string>
>

type ActTableProps = {
  acts: readonly ActRecord[]
  words: (kind: string) => string
  /** Everything about that, where there is somewhere to show it. */
  onAbout?: (about: About) => void
}

const ASKED_FOR: readonly string[] = ['entry', 'alert', 'camera', 'list', 'operator', 'agent']

/** Acts, a row each: when, by whom from where, what, about what, why. */
export function ActTable({ acts, words, onAbout }: ActTableProps) {
  const t = useWords('record')
  return (
    <Scroll label={t('tab.acts')}>
      <table class="acts">
        <thead>
          <tr>
            {(['number', 'when', 'who', 'what', 'aboutWhat', 'why'] as const).map((name) => (
              <th key={name} scope="col">
                {t(`column.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {acts.map((act) => (
            <tr key={act.seq}>
              <td class="number">{act.seq}</td>
              <td>
                <Time at={act.at} />
              </td>
              <td>
                {act.by === null ? (
                  <span class="quiet">{t('retained')}</span>
                ) : (
                  <>
                    <Asked of="by" id={act.by} onAbout={onAbout} />
                    {act.from !== act.by && <span class="small quiet"> {act.from}</span>}
                  </>
                )}
              </td>
              <td>
                {words(act.kind)} <code class="small quiet">{act.kind}</code>
              </td>
              <td>
                {Object.entries(act.about ?? {}).map(([subject, id]) => (
                  <div key={subject}>
                    <span class="quiet">{t(`subject.${subject}` as 'subject.entry')}</span>{' '}
                    <Asked of={subject} id={String(id)} onAbout={onAbout} />
                  </div>
                ))}
                <Details details={act.details} />
              </td>
              <td>{act.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

type AskedProps = { of: string; id: string; onAbout: ActTableProps['onAbout'] }

/** An id that everything about it is one press away from. */
function Asked({ of, id, onAbout }: AskedProps) {
  const t = useWords('record')
  if (!onAbout || (of !== 'by' && !ASKED_FOR.includes(of))) return <code>{id}</code>
  return (
    <button
      type="button"
      class="asked"
      title={t('onlyAbout', { id })}
      onClick={() => onAbout({ [of]: id })}
    >
      {id}
    </button>
  )
}

function Details({ details }: { details: ActRecord['details'] }) {
  const t = useWords('record')
  const pairs = Object.entries(details ?? {})
  if (pairs.length === 0) return null
  const said = pairs.map(([key, value]) => `${key}: ${textOf(key, value)}`)
  const line = said.join(', ')
  if (line.length <= 120) return <span class="small quiet">{line}</span>
  return (
    <details class="small">
      <summary>{t('details', { count: pairs.length })}</summary>
      {said.map((one) => (
        <div key={one}>{one}</div>
      ))}
    </details>
  )
}

/** Details that are moments, epoch milliseconds. */
const MOMENTS: readonly string[] = ['since', 'until', 'expiresAt', 'at', 'before', 'from', 'to']
/** Smaller numbers count something. */
const FIRST_MOMENT = Date.UTC(2000, 0)

function textOf(key: string, value: JsonValue): string {
  if (typeof value === 'number' && value > FIRST_MOMENT && MOMENTS.includes(key)) {
    return `${localTime(value)} (${utcTime(value)})`
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}
