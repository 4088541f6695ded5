import { useSignal } from '@preact/signals'
import './sign-in.css'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Field } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { began, hasEnded, type Session } from '../../session.ts'
import { useWords } from '../../words.ts'

export default function SignIn() {
  const t = useWords('sign-in')
  const name = useSignal('')
  const password = useSignal('')
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)

  const signIn = async () => {
    busy.value = true
    try {
      const body = { name: name.value.trim(), password: password.value }
      began(await desk.post<Session>('/session', body))
    } catch (error) {
      problem.value = asProblem(error)
      password.value = ''
    } finally {
      busy.value = false
    }
  }

  return (
    <main class="sign-in">
      <form
        class="card stack"
        onSubmit={(event) => {
          event.preventDefault()
          void signIn()
        }}
      >
        <h1>
          <img src="/icon.svg" alt="" width="32" height="32" /> Vedette
        </h1>
        {hasEnded.value && <p role="status">{t('ended')}</p>}
        <Problem problem={problem.value} />
        <Field label={t('name')}>
          {(tied) => (
            <input
              {...tied}
              name="name"
              autocomplete="username"
              autocapitalize="none"
              spellcheck={false}
              required
              value={name.value}
              onInput={(event) => {
                name.value = event.currentTarget.value
              }}
            />
          )}
        </Field>
        <Field label={t('password')}>
          {(tied) => (
            <input
              {...tied}
              name="password"
              type="password"
              autocomplete="current-password"
              required
              value={password.value}
              onInput={(event) => {
                password.value = event.currentTarget.value
              }}
            />
          )}
        </Field>
        <Button type="submit" kind="primary" busy={busy.value}>
          {t('signIn')}
        </Button>
      </form>
    </main>
  )
}
