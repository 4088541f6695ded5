import type { AgentStatus } from '@vedette/server/desk/answered/agents'
import type { Watch } from '@vedette/server/desk/answered/cameras'
import type { NamedAlert } from '@vedette/server/desk/named'
import type { Entry } from '@vedette/server/store/entries'
import './start.css'
import type { Permission } from '@vedette/server/operators/permissions'
import { useEffect } from 'preact/hooks'
import { Problem } from '../../parts/Problem.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { may } from '../../session.ts'
import { on } from '../../stream.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'

const STEPS = ['person', 'agent', 'camera', 'alert'] as const
type Step = (typeof STEPS)[number]

/** Where a step is done, and who may. */
const DOORS: Record<Step, { href: string; needs: Permission }> = {
  person: { href: '/wanted/add', needs: 'entries.enrol' },
  agent: { href: '/fleet', needs: 'agents.manage' },
  camera: { href: '/map', needs: 'cameras.view' },
  alert: { href: '/alerts', needs: 'alerts.view' },
}
/** Looked at again this often: nothing tells of an agent that joins, milliseconds. */
const AGAIN_MS = 5000

/** Leads whoever has just set it up from nothing to the first alert. */
export default function Start() {
  const t = useWords('start')
  const entries = useDesk<Entry[]>('/entries?state=live')
  const agents = useDesk<AgentStatus[]>('/agents')
  const watch = useDesk<Watch>('/cameras')
  const alerts = useDesk<NamedAlert[]>('/alerts?limit=500')

  useEffect(() => {
    const again = () => Promise.all([agents.reload(), watch.reload()])
    const timer = setInterval(again, AGAIN_MS)
    const off = [on('alert', alerts.reload), on('entry', entries.reload)]
    return () => {
      clearInterval(timer)
      for (const end of off) end()
    }
  }, [])

  const cameras = watch.data?.cameras ?? []
  const green = cameras.filter(({ state }) => state === 'green').length
  const connected = agents.data?.filter((agent) => agent.connected).length ?? 0
  const count = {
    person: entries.data?.length ?? 0,
    agent: agents.data?.length ?? 0,
    camera: green,
    alert: alerts.data?.length ?? 0,
  }
  const said: Record<Step, string> = {
    person: t('person.have', { count: count.person }),
    agent: t('agent.have', { count: count.agent, connected }),
    camera: t('camera.have', { green, all: cameras.length }),
    alert: t('alert.have', { count: count.alert }),
  }
  const next = STEPS.find((step) => count[step] === 0)
  const asked = [entries, agents, watch, alerts]
  if (asked.some(({ data, busy }) => data === undefined && busy)) return null

  return (
    <>
      <header>
        <h1>{t('title')}</h1>
      </header>
      <p>{next === undefined ? t('all') : t('intro')}</p>
      <Problem problem={asked.find(({ problem }) => problem)?.problem} />
      <ol class="steps">
        {STEPS.map((step) => (
          <li key={step} class="card" data-done={count[step] > 0}>
            <div class="row spread">
              <h2>{t(`${step}.title`)}</h2>
              <Tag tone={count[step] > 0 ? 'good' : step === next ? 'accent' : 'plain'}>
                {t(count[step] > 0 ? 'done' : step === next ? 'next' : 'later')}
              </Tag>
            </div>
            <p>{t(`${step}.text`)}</p>
            {count[step] > 0 && <p class="quiet">{said[step]}</p>}
            {step === 'alert' && next === 'alert' && <p class="quiet">{t('alert.none')}</p>}
            <Door step={step} urgent={step === next} />
          </li>
        ))}
      </ol>
    </>
  )
}

function Door({ step, urgent }: { step: Step; urgent: boolean }) {
  const t = useWords('start')
  const { href, needs } = DOORS[step]
  if (!may(needs)) {
    const whom = step === 'person' || step === 'agent' ? t(`${step}.ask`) : undefined
    return whom ? <p class="quiet">{whom}</p> : null
  }
  return (
    <a class="button" data-kind={urgent ? 'primary' : 'plain'} href={href}>
      {t(`${step}.do`)}
    </a>
  )
}
