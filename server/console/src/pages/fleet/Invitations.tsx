import { useSignal } from '@preact/signals'
import type { Invitation, JoinAttempt } from '@vedette/server/store/invitations'
import { useEffect } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { countdown } from './duration.ts'

const SHOWN = 8
const TRIES_SHOWN = 20

type State = 'open' | 'used' | 'withdrawn' | 'expired'

/** Who was invited, and what came of it; what is still open can be taken back. */
export function Invitations({
  all,
  reload,
}: {
  all: readonly Invitation[]
  reload: () => Promise<void>
}) {
  const t = useWords('fleet')
  const attempts = useDesk<JoinAttempt[]>('/invitations/attempts')
  const now = useSignal(Date.now())
  const problem = useSignal<DeskProblem | undefined>(undefined)
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now()
    }, 1000)
    return () => clearInterval(timer)
  }, [])
  const withdraw = async ({ id, agent }: Invitation) => {
    problem.value = undefined
    try {
      await desk.delete(`/invitations/${id}`)
      toast(t('invitations.withdrawn', { name: agent }))
    } catch (error) {
      problem.value = asProblem(error)
    }
    await reload()
  }
  const shown = all.toSorted((p, q) => q.invitedAt - p.invitedAt).slice(0, SHOWN)
  const failed = attempts.data?.filter(({ outcome }) => outcome !== 'joined') ?? []
  if (shown.length === 0 && failed.length === 0) return null
  return (
    <section class="card stack" aria-label={t('invitations.title')}>
      <h2>{t('invitations.title')}</h2>
      <Problem problem={problem.value} />
      <div class="scroll-x">
        <table>
          <caption class="unseen">{t('invitations.title')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('invitations.agent')}</th>
              <th scope="col">{t('invitations.state')}</th>
              <th scope="col">{t('invitations.by')}</th>
              <th scope="col">
                <span class="unseen">{t('invitations.act')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => {
              const state = stateOf(one, now.value)
              return (
                <tr key={one.id}>
                  <th scope="row">{one.agent}</th>
                  <td>
                    <Tag tone={state === 'open' ? 'accent' : state === 'used' ? 'good' : 'plain'}>
                      {t(`invitations.${state === 'withdrawn' ? 'withdrawnState' : state}`)}
                    </Tag>{' '}
                    <span class="small quiet number">
                      {state === 'open' &&
                        t('invite.left', { time: countdown(one.expiresAt - now.value) })}
                      {state === 'used' && (
                        <>
                          {one.usedFrom} <Time at={one.usedAt ?? 0} utc={false} />
                        </>
                      )}
                    </span>
                  </td>
                  <td>
                    {one.invitedBy}{' '}
                    <span class="small quiet">
                      <Time at={one.invitedAt} utc={false} />
                    </span>
                  </td>
                  <td>
                    {state === 'open' && (
                      <Button onClick={() => void withdraw(one)}>
                        {t('invitations.withdraw')}
                        <span class="unseen"> {one.agent}</span>
                      </Button>
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {failed.length > 0 && (
        <details>
          <summary>{t('invitations.failed', { count: failed.length })}</summary>
          <ul class="troubles">
            {failed.slice(0, TRIES_SHOWN).map(({ at, address, agent, outcome }) => (
              <li key={`${at}${address}`}>
                <Time at={at} utc={false} /> {address} {agent} <code>{outcome}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

function stateOf({ usedAt, withdrawnAt, expiresAt }: Invitation, now: number): State {
  if (usedAt !== null) return 'used'
  if (withdrawnAt !== null) return 'withdrawn'
  return expiresAt <= now ? 'expired' : 'open'
}
