import { useSignal } from '@preact/signals'
import type { SeenSession } from '@vedette/server/desk/answered/own-account'
import { desk } from '../../desk.ts'
import { confirm } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { left } from '../../session.ts'
import { relative, Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { browserName } from './browser-name.ts'

/** Where one is signed in, and the way out of each. */
export function Sessions() {
  const t = useWords('profile')
  const all = useDesk<SeenSession[]>('/me/sessions')
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const run = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (error) {
      problem.value = asProblem(error)
    }
  }
  const everywhere = () =>
    run(async () => {
      const sure = { text: t('sessions.everywhereWhy'), yes: t('sessions.everywhere') }
      if (!(await confirm(t('sessions.everywhereTitle'), sure))) return
      await desk.delete('/me/sessions')
      left()
    })
  return (
    <section class="card stack wide">
      <div class="row spread">
        <h2>{t('sessions.title')}</h2>
        <Button onClick={() => void everywhere()}>{t('sessions.everywhere')}</Button>
      </div>
      <Problem problem={problem.value ?? all.problem} />
      <SessionTable
        sessions={all.data ?? []}
        onEnd={({ id, own }) =>
          void run(async () => {
            await desk.delete(`/me/sessions/${id}`)
            if (own) left()
            else await all.reload()
          })
        }
      />
    </section>
  )
}

type SessionTableProps = { sessions: SeenSession[]; onEnd?: (session: SeenSession) => void }

export function SessionTable({ sessions, onEnd }: SessionTableProps) {
  const t = useWords('profile')
  if (sessions.length === 0) return <p class="quiet">{t('sessions.none')}</p>
  return (
    <div class="scroll-x">
      <table class="sessions">
        <thead>
          <tr>
            <th scope="col">{t('sessions.browser')}</th>
            <th scope="col">{t('sessions.address')}</th>
            <th scope="col">{t('sessions.since')}</th>
            <th scope="col">{t('sessions.acted')}</th>
            {onEnd && <th scope="col">{t('sessions.end')}</th>}
          </tr>
        </thead>
        <tbody>
          {sessions.map((one) => (
            <tr key={one.id}>
              <td title={one.browser}>
                <span class="row">
                  {browserName(one.browser) ?? t('sessions.unknown')}
                  {one.own && <Tag tone="accent">{t('sessions.own')}</Tag>}
                  {one.wall && <Tag>{t('sessions.wall')}</Tag>}
                  {one.secondFactor && <Tag tone="good">{t('sessions.factor')}</Tag>}
                </span>
              </td>
              <td>
                <code>{one.address}</code>
              </td>
              <td>
                <Time at={one.openedAt} utc={false} />
              </td>
              <td>{relative(one.actedAt)}</td>
              {onEnd && (
                <td>
                  <Button onClick={() => onEnd(one)}>{t('sessions.signOut')}</Button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
