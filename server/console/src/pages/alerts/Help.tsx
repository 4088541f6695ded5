import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { useWords } from '../../words.ts'

const KEYS = [
  ['J ↓', 'next'],
  ['K ↑', 'previous'],
  ['⇧ J K', 'extend'],
  ['Space', 'mark'],
  ['A', 'markAll'],
  ['↵', 'take'],
  ['C', 'confirm'],
  ['X', 'reject'],
  ['U', 'unresolved'],
  ['P', 'park'],
  ['Z', 'undo'],
  ['V', 'zoom'],
  ['N', 'news'],
  ['M', 'sound'],
  ['G', 'map'],
  ['L', 'live'],
  ['/', 'filter'],
  ['Esc', 'clear'],
  ['?', 'help'],
] as const

/** Every key of the page. */
export function Help({ onClose }: { onClose: () => void }) {
  const t = useWords('alerts')
  return (
    <Dialog
      title={t('help.title')}
      onClose={onClose}
      footer={
        <Button kind="primary" autofocus onClick={onClose}>
          {t('close')}
        </Button>
      }
    >
      <dl class="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(`help.${what}`)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
