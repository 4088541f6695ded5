import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { lists } from '../../alerts/queue.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { useWords } from '../../words.ts'
import { type Asking, asking, decide, type Verdict } from './deciding.ts'

/** Notes that are one key away: of each verdict those that are told most. */
const NOTES = ['a', 'b', 'c', 'd'] as const
const PARK_MINUTES = [5, 15, 30, 60, 240] as const

/** Asks what has to be said of a decision; two keys are enough for most. */
export function Decide() {
  const asked = asking.value
  if (asked === undefined) return null
  const { kind } = asked
  return kind === 'park' ? <Park {...asked} /> : <Judge key={kind} {...asked} verdict={kind} />
}

function close(): void {
  asking.value = undefined
}

function Judge({ about, verdict }: Asking & { verdict: Verdict }) {
  const t = useWords('alerts')
  const note = useSignal('')
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const [first] = about
  const name = first?.name ?? t('unnamed')
  const two = about.some(
    ({ list, state }) => lists.value.get(list)?.confirmations === 2 && state !== 'awaiting',
  )
  const submit = (words: string) => {
    if (words.trim() === '') return
    close()
    void decide(about, { do: 'resolve', outcome: verdict, note: words.trim() })
  }
  return (
    <Dialog
      title={t(`ask.${verdict}`, { count: about.length, name })}
      onClose={close}
      onSubmit={() => submit(note.value)}
      footer={
        <>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" disabled={note.value.trim() === ''}>
            {t(`say.${verdict}`)}
          </Button>
        </>
      }
    >
      {verdict === 'true' && two && <p>{t('ask.two')}</p>}
      {verdict === 'false' && <p>{t('ask.apart')}</p>}
      <TextField
        label={t('ask.note')}
        hint={t('ask.noteHint')}
        ref={input}
        maxLength={2000}
        field={note}
        onKeyDown={(event) => {
          const preset = NOTES[Number(event.key) - 1]
          if (note.value !== '' || preset === undefined) return
          event.preventDefault()
          submit(t(`notes.${verdict}.${preset}`))
        }}
      />
      <div class="presets">
        {NOTES.map((preset, i) => (
          <Button key={preset} onClick={() => submit(t(`notes.${verdict}.${preset}`))}>
            <kbd>{i + 1}</kbd> {t(`notes.${verdict}.${preset}`)}
          </Button>
        ))}
      </div>
    </Dialog>
  )
}

function Park({ about }: Asking) {
  const t = useWords('alerts')
  const note = useSignal('')
  const park = (minutes: number) => {
    close()
    const words = note.value.trim()
    void decide(about, { do: 'park', for: minutes * 60_000, ...(words && { note: words }) })
  }
  return (
    <Dialog
      title={t('ask.park', { count: about.length, name: about[0]?.name ?? t('unnamed') })}
      onClose={close}
      onSubmit={() => park(PARK_MINUTES[1])}
      footer={<Button onClick={close}>{t('cancel')}</Button>}
    >
      <p>{t('ask.parkText')}</p>
      <div class="presets">
        {PARK_MINUTES.map((minutes, i) => (
          <Button
            key={minutes}
            autofocus={i === 0}
            onClick={() => park(minutes)}
            onKeyDown={(event: KeyboardEvent) => {
              const chosen = PARK_MINUTES[Number(event.key) - 1]
              if (chosen !== undefined) park(chosen)
            }}
          >
            <kbd>{i + 1}</kbd> {t('minutes', { count: minutes })}
          </Button>
        ))}
      </div>
      <TextField label={t('ask.parkNote')} maxLength={2000} field={note} />
    </Dialog>
  )
}
