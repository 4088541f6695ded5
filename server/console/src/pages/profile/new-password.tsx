import { type Signal, useSignal } from '@preact/signals'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import type { Labelled } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'

const LEAST_ALONE = 15
const LEAST_WITH_CODE = 8
/** From there on a longer one is no help that anybody would notice. */
const AMPLE = 22

type NewPasswordProps = {
  /** It is all that is asked for: then it must be longer. */
  alone: boolean
  onDone: () => void
}

/** Another password, and in words how good it is. The desk judges. */
export function NewPassword({ alone, onDone }: NewPasswordProps) {
  const t = useWords('profile')
  const before = useSignal('')
  const next = useSignal('')
  const again = useSignal('')
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const least = alone ? LEAST_ALONE : LEAST_WITH_CODE
  const missing = least - [...next.value].length
  const differ = again.value !== '' && again.value !== next.value

  const change = async () => {
    busy.value = true
    problem.value = undefined
    try {
      const headers = { 'x-vedette-password': encodeURIComponent(before.value) }
      await desk.put('/me/password', { password: next.value }, { headers })
      before.value = next.value = again.value = ''
      toast(t('password.done'))
      onDone()
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }

  return (
    <section class="card">
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void change()
        }}
      >
        <h2>{t('password.title')}</h2>
        <Problem problem={problem.value} />
        <Secret label={t('password.before')} field={before} autocomplete="current-password" />
        <Secret
          label={t('password.next')}
          hint={<Strength missing={missing} text={next.value} />}
          field={next}
          autocomplete="new-password"
        />
        <Secret
          label={t('password.again')}
          error={differ ? t('password.differ') : undefined}
          field={again}
          autocomplete="new-password"
        />
        <div class="row">
          <Button
            type="submit"
            kind="primary"
            busy={busy.value}
            disabled={missing > 0 || again.value !== next.value || before.value === ''}
          >
            {t('password.change')}
          </Button>
        </div>
        <p class="small quiet">{t('password.ends')}</p>
      </form>
    </section>
  )
}

type SecretProps = Labelled & {
  field: Signal<string>
  autocomplete: 'current-password' | 'new-password'
}

function Secret(props: SecretProps) {
  return <TextField {...props} type="password" required maxLength={256} />
}

function Strength({ missing, text }: { missing: number; text: string }) {
  const t = useWords('profile')
  const length = [...text].length
  const word =
    length === 0
      ? t('password.advice')
      : missing > 0
        ? t('password.short', { count: missing })
        : new Set(text.toLowerCase()).size < 6
          ? t('password.same')
          : length >= AMPLE
            ? t('password.strong')
            : t('password.enough')
  return <span aria-live="polite">{word}</span>
}
