import { useSignal } from '@preact/signals'
import type { CountedList } from '@vedette/server/desk/routes/lists'
import type { NamedRequest } from '@vedette/server/desk/routes/requests'
import type { Import } from '@vedette/server/store/imports'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
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

/** What waits for a second person, what it would change, and the decision. */
export function Approvals() {
  const t = useWords('wanted')
  const requests = useDesk<NamedRequest[]>('/requests')
  const imports = useDesk<Import[]>('/imports')
  const lists = useDesk<CountedList[]>('/lists')
  const reload = async () => {
    await Promise.all([requests.reload(), imports.reload(), lists.reload()])
  }
  // Whoever keeps count has seen something come or go.
  useEffect(() => void reload(), [waiting.value])
  const pending = imports.data?.filter(({ state }) => state === 'pending') ?? []
  const none = requests.data?.length === 0 && imports.data && pending.length === 0
  return (
    <>
      <Problem problem={requests.problem ?? imports.problem} onRetry={reload} />
      {none && (
        <Empty title={t('approvals.none')}>
          <p>{t('approvals.noneHint')}</p>
        </Empty>
      )}
      <ul class="wanted-requests">
        {requests.data?.map((request) => {
          const { id, change, name, list, askedBy, askedAt, why, expiresAt } = request
          const called = lists.data?.find((one) => one.id === list)?.name ?? list
          return (
            <Waiting
              key={id}
              title={t(`request.${change.kind}`, { name: name ?? called })}
              by={askedBy}
              at={askedAt}
              why={why}
              until={expiresAt}
              approve={() => desk.post(`/requests/${id}/approve`, {})}
              refuse={(reason) => desk.post(`/requests/${id}/refuse`, {}, { reason })}
              onDecided={reload}
            >
              <BeforeAfter request={request} lists={lists.data ?? []} />
            </Waiting>
          )
        })}
        {pending.map(({ id, openedBy, openedAt, photos, reason }) => (
          <Waiting
            key={id}
            title={t('request.import', { count: photos })}
            by={openedBy}
            at={openedAt}
            why={reason}
            approve={() => desk.post(`/imports/${id}/approve`, {})}
            refuse={(reason) => desk.post(`/imports/${id}/close`, {}, { reason })}
            onDecided={reload}
          >
            <p>{t('request.importText')}</p>
          </Waiting>
        ))}
      </ul>
    </>
  )
}

type WaitingProps = {
  title: string
  by: string
  at: number
  why: string | null
  until?: number
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
    <li class="card stack" aria-label={title}>
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
      {own ? (
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
