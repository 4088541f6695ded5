import { useSignal } from '@preact/signals'
import type { ChannelStatus, NoticeRow } from '@vedette/server/desk/routes/channels'
import { useEffect } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Scroll } from '../../parts/Scroll.tsx'
import { named, SelectField } from '../../parts/SelectField.tsx'
import { Tag, type Tone } from '../../parts/Tag.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { may } from '../../session.ts'
import { Time } from '../../time.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'

const STATES = ['waiting', 'sent', 'dead', 'stale'] as const
const TONES: Record<NoticeRow['state'], Tone> = {
  waiting: 'accent',
  sent: 'good',
  dead: 'danger',
  stale: 'plain',
}
const PAGE = 50

type NoticesProps = { channels: readonly ChannelStatus[]; onChange: () => unknown }

/** What was told, and what could not be told, which can be tried again. */
export function Notices({ channels, onChange }: NoticesProps) {
  const t = useWords('channels')
  const channel = useSignal('')
  const state = useSignal('')
  const limit = useSignal(PAGE)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const asked = new URLSearchParams({
    ...(channel.value && { channel: channel.value }),
    ...(state.value && { state: state.value }),
    limit: String(limit.value),
  })
  const found = useDesk<NoticeRow[]>(`/channels/notices?${asked}`)
  const sums = channels.map(({ tally }) => `${tally.waiting}/${tally.dead}/${tally.sentAt}`).join()
  useEffect(() => void found.reload(), [sums])
  const nameOf = (id: string) => channels.find((one) => one.id === id)?.name ?? id
  const retry = async ({ channelId, id }: NoticeRow) => {
    problem.value = undefined
    try {
      await desk.post(`/channels/${encodeURIComponent(channelId)}/retry`, { notices: [id] })
    } catch (error) {
      problem.value = asProblem(error)
    }
    await onChange()
  }
  return (
    <section class="card stack" aria-labelledby="notices-title">
      <div class="row spread">
        <h2 id="notices-title">{t('notices.title')}</h2>
        <div class="row">
          <SelectField
            label={t('notices.channel')}
            field={channel}
            options={[['', t('notices.all')], ...named(channels)]}
          />
          <SelectField
            label={t('notices.state')}
            field={state}
            options={[
              ['', t('notices.any')],
              ...STATES.map((one) => [one, t(`notice.${one}`)] as const),
            ]}
          />
        </div>
      </div>
      <Problem problem={problem.value ?? (found.data ? undefined : found.problem)} />
      {found.data?.length === 0 && <p class="quiet">{t('notices.none')}</p>}
      {found.data && found.data.length > 0 && (
        <Scroll label={t('notices.title')}>
          <table class="notices">
            <thead>
              <tr>
                <th>{t('notices.when')}</th>
                <th>{t('notices.channel')}</th>
                <th>{t('notices.what')}</th>
                <th>{t('notices.state')}</th>
                <th>{t('notices.said')}</th>
              </tr>
            </thead>
            <tbody>
              {found.data.map((row) => (
                <tr key={row.id}>
                  <td>
                    <Time at={row.settledAt ?? row.at} />
                  </td>
                  <td>{nameOf(row.channelId)}</td>
                  <td>
                    {t(`kinds.${row.kind}`)}{' '}
                    {row.alertId && (
                      <a href={`/alerts?id=${encodeURIComponent(row.alertId)}`}>{t('open')}</a>
                    )}
                    {row.camera && <code>{row.camera}</code>}
                  </td>
                  <td>
                    <Tag tone={TONES[row.state]}>{t(`notice.${row.state}`)}</Tag>
                    {row.attempts > 1 && (
                      <span class="small quiet"> {t('attempts', { count: row.attempts })}</span>
                    )}
                  </td>
                  <td>
                    {row.said} {row.code && <code class="quiet">{row.code}</code>}
                    {row.state === 'dead' && may('channels.manage') && (
                      <Button onClick={() => retry(row)}>{t('retry')}</Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {found.data && found.data.length >= limit.value && limit.value < 500 && (
        <div>
          <Button onClick={() => (limit.value = Math.min(500, limit.value * 2))}>
            {t('more')}
          </Button>
        </div>
      )}
    </section>
  )
}
