import { useSignal } from '@preact/signals'
import type { CertsStatus } from '@vedette/server/authority/status'
import type { AgentStatus } from '@vedette/server/desk/answered/agents'
import type { Watch } from '@vedette/server/desk/answered/cameras'
import type { FleetCourse } from '@vedette/server/desk/answered/fleet'
import type { Invitation } from '@vedette/server/store/invitations'
import { useEffect } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { useCameras } from '../../cameras/use-cameras.ts'
import { TONES, useCameraWords } from '../../cameras/words.ts'
import { desk } from '../../desk.ts'
import { askReason } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { may } from '../../session.ts'
import { Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { Certificates } from './Certificates.tsx'
import { Details } from './Details.tsx'
import { Doctor } from './Doctor.tsx'
import './fleet.css'
import { Invitations } from './Invitations.tsx'
import { InviteDialog } from './Invite.tsx'
import { MachineCard } from './Machine.tsx'
import { machinesOf } from './machines.ts'

/** Agents come and go without the stream telling; figures are made by the minute. Milliseconds. */
const AGAIN_MS = 10_000
const FIGURES_AGAIN_MS = 30_000

/** Camera machines and their cameras: the worst first. */
export default function Fleet() {
  const t = useWords('fleet')
  const { query } = useLocation()
  const { watch, problem, reload } = useCameras()
  const agents = useDesk<AgentStatus[]>('/agents')
  const course = useDesk<FleetCourse>('/fleet')
  const certs = useDesk<CertsStatus>('/certificates')
  const invitations = useDesk<Invitation[]>(may('agents.manage') ? '/invitations' : undefined)
  const inviting = useSignal(false)
  const open = useSignal<string | undefined>(undefined)
  const failed = useSignal<DeskProblem | undefined>(undefined)

  const again = async () => {
    const asked = [agents, course, certs, invitations]
    await Promise.all([reload(), ...asked.map((one) => one.reload())])
  }
  useEffect(() => {
    const whenShown = (work: () => Promise<unknown>) => () => {
      if (!document.hidden) void work()
    }
    const present = () => Promise.all([agents.reload(), invitations.reload()])
    const timers = [
      setInterval(whenShown(present), AGAIN_MS),
      setInterval(whenShown(course.reload), FIGURES_AGAIN_MS),
    ]
    return () => {
      for (const timer of timers) clearInterval(timer)
    }
  }, [])
  const ready = watch !== undefined && agents.data !== undefined
  useEffect(() => {
    if (query.agent && ready) document.getElementById(`agent-${query.agent}`)?.scrollIntoView()
  }, [query.agent, ready])

  /** Asks why, does it, and says so. */
  const act = async (
    title: string,
    text: string,
    work: (reason: string) => Promise<unknown>,
    done: string,
  ) => {
    const reason = await askReason(title, text)
    if (reason === undefined) return
    failed.value = undefined
    try {
      await work(reason)
      toast(done)
    } catch (error) {
      failed.value = asProblem(error)
    }
    await again()
  }
  const revoke = (name: string) =>
    act(
      t('revoke.title', { name }),
      t('revoke.text'),
      (reason) => desk.post('/revocations', { role: 'agent', name, reason }),
      t('revoke.done', { name }),
    )
  const retire = (name: string) =>
    act(
      t('retire.title', { name }),
      t('retire.text'),
      (reason) => desk.delete(`/agents/${encodeURIComponent(name)}`, undefined, { reason }),
      t('retire.done', { name }),
    )

  const machines = machinesOf(agents.data ?? [], watch?.cameras ?? [], course.data, certs.data)
  const eye = machines.flatMap(({ eyes }) => eyes).find(({ name }) => name === open.value)
  const asked = [agents, course, certs, invitations]
  return (
    <>
      <header>
        <h1>{t('title')}</h1>
        {may('agents.manage') && (
          <Button
            kind="primary"
            onClick={() => {
              inviting.value = true
            }}
          >
            {t('invite.title')}
          </Button>
        )}
      </header>
      <Problem
        problem={failed.value ?? problem ?? asked.find((one) => one.problem)?.problem}
        onRetry={() => void again()}
      />
      {watch && <Summary watch={watch} agents={agents.data ?? []} />}
      {ready && machines.length === 0 && (
        <Empty title={t('empty.title')}>
          <p>{t(may('agents.manage') ? 'empty.text' : 'empty.ask')}</p>
        </Empty>
      )}
      {ready &&
        machines.map((machine) => (
          <MachineCard
            key={machine.name}
            machine={machine}
            course={course.data}
            onOpen={({ name }) => {
              open.value = name
            }}
            onRevoke={() => void revoke(machine.name)}
            onRetire={() => void retire(machine.name)}
          />
        ))}
      {invitations.data && <Invitations all={invitations.data} reload={invitations.reload} />}
      {certs.data && <Certificates certs={certs.data} />}
      {may('database.manage') && <Doctor />}
      {inviting.value && (
        <InviteDialog
          onClose={() => {
            inviting.value = false
            void invitations.reload()
          }}
        />
      )}
      {eye && (
        <Details
          eye={eye}
          course={course.data}
          onClose={() => {
            open.value = undefined
          }}
          onForgotten={() => {
            open.value = undefined
            void again()
          }}
        />
      )}
    </>
  )
}

/** How many are how, and what is wrong with the server itself. */
function Summary({ watch, agents }: { watch: Watch; agents: readonly AgentStatus[] }) {
  const t = useWords('fleet')
  const c = useCameraWords()
  const here = agents.filter(({ connected }) => connected).length
  return (
    <div class="stack summary">
      <p class="row" role="status">
        {(['red', 'amber', 'green'] as const).map((state) => {
          const count = watch.cameras.filter((camera) => camera.state === state).length
          const tone = count > 0 ? TONES[state] : 'plain'
          return (
            <Tag key={state} tone={tone}>
              {t('count', { count, state: c(`short.${state}`) })}
            </Tag>
          )
        })}
        <Tag tone={here < agents.length ? 'warn' : 'plain'}>
          {t('agents', { here, all: agents.length })}
        </Tag>
      </p>
      {watch.canary.every === 'off' && <p class="problem">{t('canaryOff')}</p>}
      {watch.store.map(({ message, hint, since }) => (
        <div class="problem" role="alert" key={message}>
          <p>
            {message} <Time at={since} />
          </p>
          <p class="hint">{hint}</p>
        </div>
      ))}
    </div>
  )
}
