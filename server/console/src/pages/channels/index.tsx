import { useSignal } from '@preact/signals'
import type { ChannelKind } from '@vedette/server/channels/channel'
import type { ChannelStatus } from '@vedette/server/desk/routes/channels'
import { useEffect } from 'preact/hooks'
import { Button } from '../../parts/Button.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { may } from '../../session.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { ChannelCard } from './ChannelCard.tsx'
import { ChannelDialog } from './ChannelDialog.tsx'
import { Notices } from './Notices.tsx'
import { Secret } from './Secret.tsx'
import './channels.css'

const KINDS: readonly ChannelKind[] = ['webhook', 'mqtt', 'mail', 'speech', 'push']
const AGAIN_MS = 5000

/** Who is told outside this console, whether they heard it, and what could not be told. */
export default function ChannelsPage() {
  const t = useWords('channels')
  const { data, problem, reload } = useDesk<ChannelStatus[]>('/channels')
  const edited = useSignal<ChannelStatus | ChannelKind | undefined>(undefined)
  const secret = useSignal<string | undefined>(undefined)
  useEffect(() => {
    const timer = setInterval(() => void reload(), AGAIN_MS)
    return () => clearInterval(timer)
  }, [])
  const manages = may('channels.manage')
  return (
    <>
      <header>
        <h1>{t('title')}</h1>
        {manages && data && data.length > 0 && (
          <Add onAdd={(kind) => (edited.value = kind)} label={t('add')} />
        )}
      </header>
      <p class="quiet">{t('text')}</p>
      <Problem problem={data ? undefined : problem} onRetry={reload} />
      {data?.length === 0 && (
        <Empty title={t('none.title')}>
          <p>{t(manages ? 'none.text' : 'none.ask')}</p>
          {manages && <Add onAdd={(kind) => (edited.value = kind)} label={t('add')} />}
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul class="channels">
          {data.map((channel) => (
            <li key={channel.id}>
              <ChannelCard
                channel={channel}
                onEdit={() => (edited.value = channel)}
                onChange={reload}
              />
            </li>
          ))}
        </ul>
      )}
      {data && data.length > 0 && <Notices channels={data} onChange={reload} />}
      {edited.value && (
        <ChannelDialog
          edited={edited.value}
          onClose={() => (edited.value = undefined)}
          onSaved={(saved) => {
            edited.value = undefined
            secret.value = saved.secret
            void reload()
          }}
        />
      )}
      {secret.value && <Secret secret={secret.value} onClose={() => (secret.value = undefined)} />}
    </>
  )
}

function Add({ label, onAdd }: { label: string; onAdd: (kind: ChannelKind) => void }) {
  const t = useWords('channels')
  return (
    <fieldset class="row add">
      <legend>{label}</legend>
      {KINDS.map((kind) => (
        <Button key={kind} onClick={() => onAdd(kind)}>
          {t(`kind.${kind}`)}
        </Button>
      ))}
    </fieldset>
  )
}
