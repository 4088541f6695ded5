import { useSignal } from '@preact/signals'
import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { NamedRequest } from '@vedette/server/desk/answered/requests'
import type { Import } from '@vedette/server/store/imports'
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { askReason } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { may, session } from '../../session.ts'
import { relative, Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { waiting } from '../../waiting.ts'
import { useWords } from '../../words.ts'
import { BeforeAfter } from './BeforeAfter.tsx'
import { NewsChip } from './NewsChip.tsx'
import { useHeld, useLooking } from './use-held.ts'
import { useNews } from './use-news.ts'

/** What waits for a second person, what it would change, and the decision. */
export function Approvals() {
  const t = useWords('wanted')
  const requests = useDesk<NamedRequest[]>('/requests')
  const imports = useDesk<Import[]>('/imports')
  const lists = useDesk<CountedList[]>('/lists')
  const reload = async () => {
    await Promise.all([requests.reload(), imports.reload(), lists.reload()])
  }
  const looking = useLooking()
  const shownAnew = useSignal(0)
  useNews(['entry', 'lists', 'imports'], reload)
  // Whoever keeps count has seen something lapse.
  useEffect(() => void reload(), [waiting.value])
  const all = useMemo(
    () => [...(requests.data ?? []), ...(imports.data ?? []).filter(isPending)],
    [requests.data, imports.data],
  )
  const known = requests.data !== undefined && imports.data !== undefined
  const held = useHeld<Waits>(all, looking.looked, `${shownAnew.value} ${known}`)
  const nameOf = (id: string) => lists.data?.find((one) => one.id === id)?.name ?? id
  const onDecided = async () => {
    await reload()
    shownAnew.value++
  }
  return (
    <>
      <Problem problem={requests.problem ?? imports.problem} onRetry={reload} />
      {known && held.shown.length === 0 && (
        <Empty title={t('approvals.none')}>
          <p>{t('approvals.noneHint')}</p>
        </Empty>
      )}
      {held.shown.length > 0 && (
        <div class="wanted-found small quiet">
          <p aria-live="polite">{t('approvals.found', { count: all.length })}</p>
          <NewsChip
            words={held.waiting > 0 && t('approvals.news', { count: held.waiting })}
            onShow={() => {
              shownAnew.value++
            }}
          />
        </div>
      )}
      <ul class="wanted-requests" {...looking.watch}>
        {held.shown.map(({ row, gone }) =>
          'change' in row ? (
            <Waiting
              key={row.id}
              title={t(`request.${row.change.kind}`, { name: row.name ?? nameOf(row.list) })}
              by={row.askedBy}
              at={row.askedAt}
              why={row.why}
              until={row.expiresAt}
              gone={gone}
              approve={() => desk.post(`/requests/${row.id}/approve`, {})}
              refuse={(reason) => desk.post(`/requests/${row.id}/refuse`, {}, { reason })}
              onDecided={onDecided}
            >
              <BeforeAfter request={row} lists={lists.data ?? []} />
            </Waiting>
          ) : (
            <Waiting
              key={row.id}
              title={t('request.import', { count: row.photos })}
              by={row.openedBy}
              at={row.openedAt}
              why={row.reason}
              gone={gone}
              approve={() => desk.post(`/imports/${row.id}/approve`, {})}
              refuse={(reason) => desk.post(`/imports/${row.id}/close`, {}, { reason })}
              onDecided={onDecided}
            >
              <p>{t('request.importText')}</p>
            </Waiting>
          ),
        )}
      </ul>
    </>
  )
}

/** A change, or an import, that waits. */
type Waits = NamedRequest | Import

const isPending = ({ state }: Import) => state === 'pending'

type WaitingProps = {
  title: string
  by: string
  at: number
  why: string | null
  until?: number
  /** It was decided upon by somebody else, or has lapsed: it only keeps its place. */
  gone: boolean
  approve: () => Promise<unknown>
  refuse: (reason: string) => Promise<unknown>
  onDecided: () => Promise<void>
  children: ComponentChildren
}

function Waiting({
  title,
  by,
  at,
  why,
  until,
  gone,
  approve,
  refuse,
  onDecided,
  children,
}: WaitingProps) {
  const t = useWords('wanted')
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const own = session.value?.name === by

  const decide = async (work: () => Promise<unknown>, done: string) => {
    busy.value = true
    problem.value = undefined
    try {
      await work()
      toast(done)
      await onDecided()
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }
  const no = async () => {
    const reason = await askReason(t('approvals.refuseTitle'), t('approvals.refuseText', { by }))
    if (reason) await decide(() => refuse(reason), t('approvals.refused'))
  }
  return (
    <li class="card stack" aria-label={title} data-gone={gone}>
      <div class="row spread">
        <h2>{title}</h2>
        <span class="small quiet">
          {t('approvals.asked', { by })} <Time at={at} utc={false} />
          {until !== undefined && ` · ${t('approvals.until', { when: relative(until) })}`}
        </span>
      </div>
      {why && (
        <p>
          <q>{why}</q>
        </p>
      )}
      {children}
      <Problem problem={problem.value} />
      {gone ? (
        <p class="wanted-note" role="status">
          {t('approvals.gone')}
        </p>
      ) : own ? (
        <p class="wanted-note">{t('approvals.own')}</p>
      ) : may('entries.approve') ? (
        <div class="row">
          <Button
            kind="primary"
            busy={busy.value}
            onClick={() => decide(approve, t('approvals.approved'))}
          >
            {t('approvals.approve')}
          </Button>
          <Button disabled={busy.value} onClick={no}>
            {t('approvals.refuse')}
          </Button>
        </div>
      ) : (
        <p class="wanted-note">{t('approvals.notYou')}</p>
      )}
    </li>
  )
}
