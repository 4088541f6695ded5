import type { EntryAct } from '@vedette/server/desk/answered/entry-history'
import type { Entry } from '@vedette/server/store/entries'
import { useEffect } from 'preact/hooks'
import { Problem } from '../../parts/Problem.tsx'
import { may } from '../../session.ts'
import { Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'

type EntryHistoryProps = {
  entry: string
  /** Looked up again whenever this is another. */
  about: Entry
}

/** What was done to an entry, the latest first. */
export function EntryHistory({ entry, about }: EntryHistoryProps) {
  const t = useWords('wanted')
  const { data, problem, reload } = useDesk<EntryAct[]>(`/entries/${entry}/history`)
  useEffect(() => void reload(), [about])
  return (
    <section class="card stack">
      <h3>{t('history.title')}</h3>
      <Problem problem={problem} onRetry={reload} />
      <ol class="wanted-history">
        {data?.map(({ seq, at, kind, by, why }) => (
          <li key={seq}>
            <Time at={at} utc={false} />
            <div>
              {t(`history.${kind}` as 'history.entry.edited')}
              {by && <span class="quiet"> · {by}</span>}
              {why && <q class="small quiet">{why}</q>}
            </div>
          </li>
        ))}
      </ol>
      {may('reports.view') && (
        <a class="button" href={`/api/entries/${entry}/report`} download={`entry-${entry}.json`}>
          {t('history.report')}
        </a>
      )}
    </section>
  )
}
