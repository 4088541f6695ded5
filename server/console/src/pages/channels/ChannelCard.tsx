import { useSignal } from '@preact/signals'
import type { ChannelStatus, Delivered } from '@vedette/server/desk/routes/channels'
import { desk } from '../../desk.ts'
import { confirm } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Tag, type Tone } from '../../parts/Tag.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { may } from '../../session.ts'
import { relative, Time } from '../../time.tsx'
import { useWords } from '../../words.ts'
import { RulesText } from './RulesText.tsx'
import { endOf, stateOf } from './state.ts'

const TONES: Record<ReturnType<typeof stateOf>, Tone> = {
  off: 'plain',
  failing: 'danger',
  dead: 'warn',
  waiting: 'accent',
  well: 'good',
  unused: 'plain',
}

type ChannelCardProps = { channel: ChannelStatus; onEdit: () => void; onChange: () => unknown }

export function ChannelCard({ channel, onEdit, onChange }: ChannelCardProps) {
  const t = useWords('channels')
  const { id, kind, name, on, tally, rules } = channel
  const path = `/channels/${encodeURIComponent(id)}`
  const busy = useSignal<string | undefined>(undefined)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const tested = useSignal<Delivered | undefined>(undefined)
  const doing = async (what: string, work: () => Promise<unknown>) => {
    busy.value = what
    problem.value = undefined
    await work().catch((error: unknown) => {
      problem.value = asProblem(error)
    })
    busy.value = undefined
    await onChange()
  }
  const test = () =>
    doing('test', async () => {
      tested.value = undefined
      tested.value = await desk.post<Delivered>(`${path}/test`)
    })
  const retry = () =>
    doing('retry', async () => {
      const { retried } = await desk.post<{ retried: number }>(`${path}/retry`, {})
      toast(t('retried', { count: retried }))
    })
  const remove = async () => {
    const sure = await confirm(t('remove.title', { name }), {
      text: t('remove.text', { count: tally.waiting }),
      yes: t('remove.yes'),
    })
    if (sure) await doing('remove', () => desk.delete(path))
  }
  const state = stateOf(channel)
  return (
    <article class="card stack" aria-labelledby={`${id}-name`}>
      <div class="row spread">
        <h2 id={`${id}-name`}>{name}</h2>
        <span class="row">
          <Tag>{t(`kind.${kind}`)}</Tag>
          <Tag tone={TONES[state]}>{t(`state.${state}`)}</Tag>
        </span>
      </div>
      <dl class="facts">
        <dt>{t('to')}</dt>
        <dd>{endOf(channel, t)}</dd>
        <dt>{t('told')}</dt>
        <dd>
          <RulesText rules={rules} />
        </dd>
        <dt>{t('last')}</dt>
        <dd>
          {tally.sentAt === null ? (
            t('never')
          ) : (
            <>
              {relative(tally.sentAt)} · <Time at={tally.sentAt} />
            </>
          )}
        </dd>
      </dl>
      {tally.trouble && on && (
        <p class="trouble">
          {t('trouble', { count: tally.trouble.attempts, said: tally.trouble.said })}{' '}
          <code>{tally.trouble.code}</code>
        </p>
      )}
      {tally.waiting > 0 && <p class="quiet">{t('waiting', { count: tally.waiting })}</p>}
      {tally.dead > 0 && <p>{t('dead', { count: tally.dead })}</p>}
      <div aria-live="polite">
        {tested.value && (
          <p class="tested" data-done={tested.value.done}>
            {t(tested.value.done === 'sent' ? 'test.sent' : 'test.failed')} {tested.value.said}
          </p>
        )}
      </div>
      <Problem problem={problem.value} />
      {may('channels.manage') && (
        <div class="row">
          <Button busy={busy.value === 'test'} onClick={test}>
            {t('test.do')}
          </Button>
          <Button onClick={onEdit}>{t('edit')}</Button>
          {tally.dead > 0 && (
            <Button busy={busy.value === 'retry'} onClick={retry}>
              {t('retryAll')}
            </Button>
          )}
          <Button
            kind="quiet"
            busy={busy.value === 'on'}
            onClick={() => doing('on', () => desk.patch(path, { on: !on }))}
          >
            {t(on ? 'turnOff' : 'turnOn')}
          </Button>
          <Button kind="quiet" busy={busy.value === 'remove'} onClick={remove}>
            {t('remove.do')}
          </Button>
        </div>
      )}
    </article>
  )
}
