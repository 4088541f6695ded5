import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Check } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { ReasonField } from '../../parts/ReasonField.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { save } from '../../save.ts'
import { useWords } from '../../words.ts'
import { bundle } from './bundle.ts'

type Failure = { id: string; problem: DeskProblem }
type State = {
  /** Files that are there; undefined before it is begun. */
  done: number | undefined
  failures: Failure[]
  /** What was saved at last. */
  saved: string | undefined
}

/** Asking again for the others would say the same. */
const FINAL = ['password.missing', 'session.missing', 'operator.not-allowed']

/** Evidence of one or many alerts, file by file: signed each, and verified without us. */
export function Evidence({ ids, onClose }: { ids: readonly string[]; onClose: () => void }) {
  const t = useWords('history')
  const shell = useWords('shell')
  const reason = useSignal('')
  const photos = useSignal(false)
  const state = useSignal<State>({ done: undefined, failures: [], saved: undefined })
  const leaving = useRef(new AbortController())
  useEffect(() => () => leaving.current.abort(), [])
  const { done, failures, saved } = state.value
  const begin = async () => {
    const { signal } = leaving.current
    const sharing = {}
    const files = new Map<string, Uint8Array<ArrayBuffer>>()
    state.value = { done: 0, failures: [], saved: undefined }
    for (const id of ids) {
      try {
        const query = photos.peek() ? '?photos=1' : ''
        const options = { reason: reason.peek(), signal, sharing }
        const answer = await desk.ask('GET', `/alerts/${id}/evidence${query}`, undefined, options)
        files.set(`alert-${id}.zip`, new Uint8Array(await answer.arrayBuffer()))
      } catch (error) {
        if (signal.aborted) return
        const problem = asProblem(error)
        state.value = { ...state.peek(), failures: [...state.peek().failures, { id, problem }] }
        if (FINAL.includes(problem.code)) break
      }
      state.value = { ...state.peek(), done: files.size }
    }
    state.value = { ...state.peek(), done: undefined, saved: saveAll(files) }
  }
  return (
    <Dialog
      wide
      title={t('evidence.title', { count: ids.length })}
      onClose={onClose}
      onSubmit={() => {
        if (done === undefined && reason.value.trim() !== '') void begin()
      }}
      footer={
        <>
          <Button onClick={onClose}>{shell(saved ? 'close' : 'ask.cancel')}</Button>
          <Button
            type="submit"
            kind="primary"
            busy={done !== undefined}
            disabled={reason.value.trim() === ''}
          >
            {t('evidence.do')}
          </Button>
        </>
      }
    >
      <p>{t('evidence.what')}</p>
      <ul class="plain">
        {(['manifest', 'frames', 'numbers', 'life', 'page'] as const).map((part) => (
          <li key={part}>{t(`evidence.part.${part}`)}</li>
        ))}
      </ul>
      <ReasonField reason={reason} hint={t('evidence.reason')} />
      <Check label={t('evidence.photos')} field={photos} />
      {done !== undefined && (
        <Progress label={t('evidence.busy')} value={done + failures.length} most={ids.length}>
          {t('evidence.count', { done, all: ids.length })}
        </Progress>
      )}
      {failures.map(({ id, problem }) => (
        <div key={id}>
          <p class="small">
            <code>{id}</code>
          </p>
          <Problem problem={problem} />
        </div>
      ))}
      {saved !== undefined && (
        <div role="status">
          <p>{t('evidence.saved', { file: saved })}</p>
          <p>{t(saved.startsWith('alert-') ? 'evidence.verify' : 'evidence.verifyMany')}</p>
          <pre class="scroll-x">
            {saved.startsWith('alert-')
              ? `vedette verify ${saved}`
              : `unzip ${saved} -d evidence\nfor file in evidence/*.zip; do vedette verify "$file"; done`}
          </pre>
        </div>
      )}
    </Dialog>
  )
}

/** The name of what was saved; undefined where there was nothing to save. */
function saveAll(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): string | undefined {
  const [first, ...others] = files
  if (first === undefined) return undefined
  if (others.length === 0) {
    save(first[0], new Blob([first[1]], { type: 'application/zip' }))
    return first[0]
  }
  const name = `vedette-evidence-${files.size}.zip`
  save(name, bundle(files))
  return name
}
