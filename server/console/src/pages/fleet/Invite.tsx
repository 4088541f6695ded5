import { useSignal } from '@preact/signals'
import type { Invited } from '@vedette/server/join/invitations'
import { useEffect } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Check, Field } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Qr } from '../../parts/Qr.tsx'
import { SelectField } from '../../parts/SelectField.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'
import { countdown } from './duration.ts'

const LIVES = [
  ['minutes', 15 * 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
  ['week', 7 * 86_400_000],
] as const

type Made = Invited & { server: string }

/** Makes a code by which one camera machine becomes an agent; it is shown once, here. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = useWords('fleet')
  const name = useSignal('')
  const server = useSignal('')
  const life = useSignal<number>(3_600_000)
  const replace = useSignal(false)
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const made = useSignal<Made | undefined>(undefined)
  const invite = async () => {
    busy.value = true
    problem.value = undefined
    try {
      made.value = await desk.post<Made>('/invitations', {
        agent: name.value,
        expires: life.value,
        replace: replace.value,
        ...(server.value.trim() !== '' && { server: server.value.trim() }),
      })
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }
  if (made.value) return <Code made={made.value} onClose={onClose} />
  return (
    <Dialog
      title={t('invite.title')}
      onClose={onClose}
      onSubmit={() => void invite()}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy.value} disabled={name.value === ''}>
            {t('invite.make')}
          </Button>
        </>
      }
    >
      <p>{t('invite.text')}</p>
      <Problem problem={problem.value} />
      <TextField
        label={t('invite.name')}
        hint={t('invite.nameHint')}
        required
        maxLength={63}
        spellcheck={false}
        field={name}
      />
      <SelectField
        label={t('invite.life')}
        field={life}
        options={LIVES.map(([word, ms]) => [ms, t(`invite.${word}`)])}
      />
      <TextField
        label={t('invite.server')}
        hint={t('invite.serverHint')}
        maxLength={253}
        field={server}
      />
      <Check label={t('invite.replace')} field={replace} />
    </Dialog>
  )
}

function Code({ made, onClose }: { made: Made; onClose: () => void }) {
  const t = useWords('fleet')
  const now = useSignal(Date.now())
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now()
    }, 1000)
    return () => clearInterval(timer)
  }, [])
  const left = made.expiresAt - now.value
  const command = `vedette-agent join ${made.code} --camera NAME=SOURCE --run`
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text)
      toast(t('invite.copied'))
    } catch {
      toast(t('invite.notCopied'))
    }
  }
  return (
    <Dialog
      wide
      title={t('invite.codeFor', { name: made.agent })}
      onClose={onClose}
      footer={
        <>
          <Button onClick={() => void copy(made.code)}>{t('invite.copyCode')}</Button>
          <Button onClick={() => void copy(command)}>{t('invite.copyCommand')}</Button>
          <Button kind="primary" onClick={onClose}>
            {t('invite.written')}
          </Button>
        </>
      }
    >
      <div class="invited">
        <div class="stack">
          <p>{t('invite.once')}</p>
          <Field label={t('invite.code')}>
            {(tied) => <textarea {...tied} class="code" readOnly rows={4} value={made.code} />}
          </Field>
          <p>{t('invite.there', { server: made.server })}</p>
          <Field label={t('invite.command')}>
            {(tied) => <textarea {...tied} class="code" readOnly rows={5} value={command} />}
          </Field>
        </div>
        <figure>
          <Qr text={made.code} label={t('invite.qr', { name: made.agent })} />
          <figcaption>{t('invite.qrText')}</figcaption>
        </figure>
      </div>
      <p class="number">
        {left > 0 ? t('invite.left', { time: countdown(left) }) : t('invite.over')}
      </p>
    </Dialog>
  )
}
