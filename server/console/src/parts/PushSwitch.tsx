import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { installPrompt, isInstalled } from '../install.ts'
import { asProblem, type DeskProblem } from '../problem.ts'
import { askPush, pushState, switchOff, switchOn } from '../push.ts'
import { loadWords, useWords } from '../words.ts'
import { Button } from './Button.tsx'
import { Problem } from './Problem.tsx'

/** This device: whether it is told while no console is open, and whether it holds the console as an app. */
export function PushSwitch() {
  const ready = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const busy = useSignal(false)
  const t = useWords('device')
  const attempt = async (work: () => Promise<void>) => {
    busy.value = true
    problem.value = undefined
    try {
      await work()
    } catch (error) {
      problem.value = asProblem(error)
    }
    busy.value = false
  }
  useEffect(() => {
    void loadWords('device').then(() => {
      ready.value = true
      void attempt(askPush)
    })
  }, [])
  if (!ready.value) return null
  const state = pushState.value
  const isOn = state === 'on'
  return (
    <section class="card stack" aria-labelledby="push-title">
      <h2 id="push-title">{t('push.title')}</h2>
      <p>{t('push.text')}</p>
      {state && <p role="status">{t(`push.state.${state}`)}</p>}
      {(state === 'on' || state === 'off') && (
        <div class="row">
          <Button
            role="switch"
            aria-checked={isOn}
            kind={isOn ? 'plain' : 'primary'}
            busy={busy.value}
            onClick={() => attempt(isOn ? switchOff : switchOn)}
          >
            {t(isOn ? 'push.off' : 'push.on')}
          </Button>
        </div>
      )}
      <Problem problem={problem.value} />
      <Install />
    </section>
  )
}

function Install() {
  const t = useWords('device')
  const prompt = installPrompt.value
  if (isInstalled()) return <p class="quiet">{t('install.done')}</p>
  return (
    <div class="row">
      <p class="quiet">{t(prompt ? 'install.text' : 'install.byHand')}</p>
      {prompt && (
        <Button
          onClick={async () => {
            await prompt.prompt()
            installPrompt.value = undefined
          }}
        >
          {t('install.do')}
        </Button>
      )}
    </div>
  )
}
