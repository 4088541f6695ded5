import { useSignal } from '@preact/signals'
import type { DoorAnswer } from '@vedette/server/desk/answered/session'
import { Check } from '../../parts/Field.tsx'
import { TextField } from '../../parts/TextField.tsx'
import './sign-in.css'
import { useEffect } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { began, hasEnded, type Session } from '../../session.ts'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { answerOf, Puzzle, type Solving } from './puzzle.tsx'

export default function SignIn() {
  const t = useWords('sign-in')
  const door = useDesk<DoorAnswer>('/door')
  const name = useSignal('')
  const password = useSignal('')
  const code = useSignal('')
  const wall = useSignal(false)
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  /** Whose puzzle is to be solved; undefined while none is asked for. */
  const puzzled = useSignal<string | undefined>(undefined)
  const solving: Solving = {
    put: useSignal(undefined),
    read: useSignal(''),
    worked: useSignal(undefined),
  }
  const wait = useWait()

  const refused = (error: DeskProblem) => {
    solving.put.value = undefined
    if (error.code === 'captcha.missing' || error.code === 'captcha.wrong') {
      puzzled.value = name.value.trim()
    } else if (error.status !== 0 && error.status < 500) password.value = ''
    // Else nobody has looked at it yet: it need not be typed again.
    if (error.retryAfter) wait.begin(error.retryAfter)
    // The puzzle itself says why it is there.
    problem.value = error.code === 'captcha.missing' ? undefined : error
  }

  const signIn = async () => {
    busy.value = true
    try {
      const typed = { name: name.value.trim(), password: password.value, wall: wall.value }
      const captcha = puzzled.value === undefined ? undefined : answerOf(solving)
      began(
        await desk.post<Session>('/session', {
          ...typed,
          ...(code.value.trim() && { code: code.value.trim() }),
          ...(captcha && { captcha }),
        }),
      )
    } catch (error) {
      refused(asProblem(error))
    } finally {
      busy.value = false
    }
  }

  const works = puzzled.value !== undefined && !solving.worked.value
  const wish = door.data?.secondFactor ?? 'off'
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
        <Problem problem={problem.value ?? door.problem} />
        <TextField
          label={t('name')}
          name="name"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          value={name.value}
          onValue={(typed) => {
            name.value = typed
            if (puzzled.value !== undefined && puzzled.value !== typed.trim()) {
              puzzled.value = undefined
              solving.put.value = undefined
            }
          }}
        />
        <TextField
          label={t('password')}
          name="password"
          type="password"
          autocomplete="current-password"
          required
          maxLength={256}
          field={password}
        />
        {wish !== 'off' && (
          <TextField
            label={t('code')}
            hint={t(wish === 'required' ? 'codeNeeded' : 'codeHint')}
            name="code"
            autocomplete="one-time-code"
            autocapitalize="none"
            spellcheck={false}
            maxLength={40}
            field={code}
          />
        )}
        {puzzled.value !== undefined && <Puzzle name={puzzled.value} solving={solving} />}
        <Check label={t('wall')} field={wall} />
        <Button type="submit" kind="primary" busy={busy.value} disabled={wait.left > 0 || works}>
          {wait.left > 0 ? t('wait', { count: wait.left }) : t('signIn')}
        </Button>
        <p class="small quiet">{t('lost')}</p>
      </form>
    </main>
  )
}

/** Seconds until the next attempt, counted down. */
function useWait(): { left: number; begin: (seconds: number) => void } {
  const left = useSignal(0)
  const until = useSignal(0)
  useEffect(() => {
    const count = () => {
      left.value = Math.max(0, Math.ceil((until.value - Date.now()) / 1000))
    }
    count()
    const timer = setInterval(count, 250)
    return () => clearInterval(timer)
  }, [until.value])
  const begin = (seconds: number) => {
    until.value = Date.now() + seconds * 1000
    left.value = seconds
  }
  return { left: left.value, begin }
}
