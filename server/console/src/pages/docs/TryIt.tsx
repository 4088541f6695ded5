import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'
import type { Route } from './routes.ts'
import { type Shape, saidOf } from './shapes.ts'

/** Longest answer that is shown, characters. */
const MOST_SHOWN = 20_000

type Answer =
  | { kind: 'text'; text: string; cut: boolean; took: number; request: string }
  | { kind: 'picture'; url: string; took: number; request: string }
type State = { answer?: Answer; problem?: DeskProblem | undefined; busy: boolean }

/** Asks the desk as whoever is signed in, and shows what it says. */
export function TryIt({ route }: { route: Route }) {
  const t = useWords('docs')
  const values = useSignal<Record<string, string>>({})
  const state = useSignal<State>({ busy: false })
  const fields = route.parameters.filter(({ in: place }) => place !== 'header')
  const goesOn = JSON.stringify(route.responses).match(/event-stream|multipart\/x-mixed/) !== null
  useEffect(() => () => forget(state.peek().answer), [state])
  if (goesOn) return <p class="small quiet">{t('goesOn')}</p>

  const ask = async () => {
    forget(state.peek().answer)
    state.value = { busy: true }
    try {
      state.value = { busy: false, answer: await answerOf(pathOf(route, values.peek())) }
    } catch (error) {
      state.value = { busy: false, problem: asProblem(error) }
    }
  }
  const { answer, problem, busy } = state.value
  return (
    <form
      class="stack try"
      onSubmit={(event) => {
        event.preventDefault()
        void ask()
      }}
    >
      <div class="values">
        {fields.map(({ name, required, schema }) => (
          <TextField
            key={name}
            label={name}
            hint={saidOf(schema as Shape)}
            required={required}
            value={values.value[name] ?? ''}
            onValue={(next) => {
              values.value = { ...values.value, [name]: next }
            }}
          />
        ))}
      </div>
      <div class="row">
        <Button type="submit" kind="primary" busy={busy}>
          {t('try')}
        </Button>
        <span class="small quiet">{t('tryHint')}</span>
      </div>
      <div aria-live="polite" class="stack">
        <Problem problem={problem} />
        {answer && (
          <p class="small quiet">
            {t('took', { ms: Math.round(answer.took) })} <code>{answer.request}</code>
          </p>
        )}
        {answer?.kind === 'picture' && <img src={answer.url} alt={t('pictured')} />}
        {answer?.kind === 'text' && (
          <textarea readOnly rows={14} aria-label={t('said')} value={answer.text} />
        )}
        {answer?.kind === 'text' && answer.cut && <p class="small quiet">{t('cut')}</p>}
      </div>
    </form>
  )
}

function pathOf({ path, parameters }: Route, values: Record<string, string>): string {
  const at = path
    .replace('/api', '')
    .replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
  const asked = parameters.filter(({ in: place, name }) => place === 'query' && values[name])
  const query = new URLSearchParams(asked.map(({ name }) => [name, values[name] ?? '']))
  return query.size === 0 ? at : `${at}?${query}`
}

async function answerOf(path: string): Promise<Answer> {
  const began = performance.now()
  const answer = await desk.ask('GET', path)
  const request = answer.headers.get('x-request-id') ?? ''
  const type = answer.headers.get('content-type') ?? ''
  if (type.startsWith('image/')) {
    const url = URL.createObjectURL(await answer.blob())
    return { kind: 'picture', url, took: performance.now() - began, request }
  }
  const all = await answer.text()
  const took = performance.now() - began
  const text = type.includes('json') ? indented(all) : all
  return {
    kind: 'text',
    text: text.slice(0, MOST_SHOWN),
    cut: text.length > MOST_SHOWN,
    took,
    request,
  }
}

/** Lines of JSON are shown as they are. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}

function forget(answer: Answer | undefined): void {
  if (answer?.kind === 'picture') URL.revokeObjectURL(answer.url)
}
