import { useSignal } from '@preact/signals'
import type { Account } from '@vedette/server/desk/answered/operators'
import type { SeenSession } from '@vedette/server/desk/answered/own-account'
import { useMemo } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { confirm } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { may, session } from '../../session.ts'
import { relative } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { browserName } from '../profile/browser-name.ts'
import { OneTime } from './add.tsx'
import { oneTimePassword } from './one-time.ts'
import { RoleField } from './roles.tsx'
import { State } from './State.tsx'
import { ScopeFields } from './scope.tsx'

type PersonProps = { person: Account; onChange: () => Promise<void>; onClose: () => void }

/** One account: what they may do, how they come in, and what an admin can do about it. */
export function Person({ person, onChange, onClose }: PersonProps) {
  const t = useWords('people')
  const path = `/operators/${person.name}`
  const where = useDesk<SeenSession[]>(`${path}/sessions`)
  const role = useSignal(person.role)
  const scope = useSignal({ lists: person.lists, cameras: person.cameras })
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const given = useSignal(false)
  const password = useMemo(oneTimePassword, [given.value])
  const own = person.name === session.value?.name
  const manages = may('operators.manage')

  const run = async (done: string, work: () => Promise<unknown>) => {
    busy.value = true
    problem.value = undefined
    try {
      await work()
      toast(done)
      await Promise.all([onChange(), where.reload()])
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }
  const { name } = person
  const save = () =>
    run(t('done.saved', { name }), async () => {
      const { lists, cameras } = scope.value
      const moved = JSON.stringify([lists, cameras])
      if (moved !== JSON.stringify([person.lists, person.cameras])) {
        await desk.put(`${path}/scope`, { lists, cameras })
      }
      if (role.value !== person.role) await desk.put(`${path}/role`, { role: role.value })
    })
  const disable = async () => {
    const sure = { text: t('disableWhy'), yes: t('disable') }
    if (!(await confirm(t('disableTitle', { name }), sure))) return
    await run(t('done.disabled', { name }), () => desk.post(`${path}/disable`))
  }
  const resetFactor = async () => {
    const sure = { text: t('resetWhy'), yes: t('reset') }
    if (!(await confirm(t('resetTitle', { name }), sure))) return
    await run(t('done.reset', { name }), () => desk.delete(`${path}/second-factor`))
  }
  const give = () =>
    run(t('done.given', { name }), async () => {
      await desk.put(`${path}/password`, { password })
      given.value = true
    })

  if (given.value) {
    return (
      <OneTime
        name={name}
        password={password}
        onClose={() => {
          given.value = false
        }}
      />
    )
  }
  return (
    <Dialog
      title={person.fullName ? `${person.fullName} (${name})` : name}
      onClose={onClose}
      wide
      footer={
        <>
          <Button onClick={onClose}>{t('close')}</Button>
          {manages && !own && (
            <Button kind="primary" busy={busy.value} onClick={() => void save()}>
              {t('save')}
            </Button>
          )}
        </>
      }
    >
      <Problem problem={problem.value} />
      <div class="row">
        <State of={person} />
        {person.secondFactor && <Tag tone="good">{t('factor')}</Tag>}
        {person.failures > 0 && <Tag tone="warn">{t('failures', { count: person.failures })}</Tag>}
      </div>
      {own && <p class="quiet">{t('own')}</p>}
      {manages && !own && (
        <>
          <RoleField
            role={role.value}
            onChange={(next) => {
              role.value = next
            }}
          />
          <ScopeFields
            scope={scope.value}
            onChange={(next) => {
              scope.value = next
            }}
          />
          <p class="small quiet">{t('cutsOff')}</p>
          <div class="row">
            {person.disabledAt === null ? (
              <Button kind="danger" disabled={busy.value} onClick={() => void disable()}>
                {t('disable')}
              </Button>
            ) : (
              <Button
                disabled={busy.value}
                onClick={() =>
                  void run(t('done.enabled', { name }), () => desk.post(`${path}/enable`))
                }
              >
                {t('enable')}
              </Button>
            )}
            <Button disabled={busy.value} onClick={() => void give()}>
              {t('give')}
            </Button>
            {person.secondFactor && (
              <Button disabled={busy.value} onClick={() => void resetFactor()}>
                {t('reset')}
              </Button>
            )}
            {person.failures > 0 && (
              <Button
                disabled={busy.value}
                onClick={() =>
                  void run(t('done.unlocked', { name }), () => desk.post(`${path}/unlock`))
                }
              >
                {t('unlock')}
              </Button>
            )}
            {person.sessions > 0 && (
              <Button
                disabled={busy.value}
                onClick={() =>
                  void run(t('done.out', { name }), () => desk.delete(`${path}/sessions`))
                }
              >
                {t('signOut')}
              </Button>
            )}
          </div>
        </>
      )}
      <h3>{t('signedIn')}</h3>
      <Problem problem={where.problem} />
      {where.data?.length === 0 && <p class="quiet">{t('nowhere')}</p>}
      <ul class="where">
        {where.data?.map((one) => (
          <li key={one.id}>
            <span>{browserName(one.browser) ?? t('unknownBrowser')}</span>
            <code>{one.address}</code>
            <span class="quiet">{relative(one.actedAt)}</span>
            {one.wall && <Tag>{t('wall')}</Tag>}
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
