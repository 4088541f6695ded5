import { batch, type Signal, useSignal } from '@preact/signals'
import type { Puzzle as Put, PuzzleAnswer } from '@vedette/server/operators/captchas'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { language, useWords } from '../../words.ts'
import { type Solution, solve } from './work.ts'

/** A puzzle as far as it is solved: what was put, what somebody read, and what the browser worked out. */
export type Solving = {
  put: Signal<Put | undefined>
  read: Signal<string>
  worked: Signal<Solution | undefined>
}

/** What goes to the desk, once all of it is there. */
export function answerOf({ put, read, worked }: Solving): PuzzleAnswer | undefined {
  if (!put.value || !worked.value) return undefined
  const { token, challenge } = put.value
  return { token, challenge, solution: worked.value, code: read.value }
}

/** A code to be read from a picture or heard, while the browser works. */
export function Puzzle({ name, solving }: { name: string; solving: Solving }) {
  const t = useWords('sign-in')
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const put = solving.put.value

  const renew = async (sound: boolean) => {
    problem.value = undefined
    try {
      const body = { name, ...(sound && { sound: language.peek() }) }
      const next = await desk.post<Put>('/session/puzzle', body)
      batch(() => {
        solving.put.value = next
        solving.read.value = ''
        solving.worked.value = undefined
      })
    } catch (error) {
      problem.value = asProblem(error)
    }
  }
  useEffect(() => {
    if (put === undefined) void renew(false)
  }, [put === undefined, name])
  useEffect(() => {
    if (put === undefined) return
    const leaving = new AbortController()
    solve(put.challenge, leaving.signal).then(
      (solution) => {
        if (!leaving.signal.aborted) solving.worked.value = solution
      },
      (error) => {
        if (!leaving.signal.aborted) problem.value = asProblem(error)
      },
    )
    return () => leaving.abort()
  }, [put?.token])
  const picture = useUrl(put?.picture, 'image/png')
  const sound = useUrl(put?.sound ?? undefined, 'audio/wav')
  const player = useRef<HTMLAudioElement | undefined>(undefined)
  const play = () => {
    player.current?.pause()
    player.current = sound === undefined ? undefined : new Audio(sound)
    // Where the browser keeps quiet until it is touched, the button is pressed once more.
    player.current?.play().catch(() => {})
  }
  useEffect(() => {
    if (sound !== undefined) play()
    return () => player.current?.pause()
  }, [sound])

  return (
    <fieldset class="puzzle">
      <legend>{t('puzzle.title')}</legend>
      <p role="status">{t('puzzle.why')}</p>
      <Problem problem={problem.value} />
      {picture && <img src={picture} width="280" height="96" alt={t('puzzle.picture')} />}
      {put && !put.speaks && <p class="small">{t('puzzle.mute')}</p>}
      <TextField
        label={t('puzzle.code')}
        hint={t('puzzle.hint')}
        name="puzzle"
        autocapitalize="characters"
        spellcheck={false}
        required
        maxLength={12}
        field={solving.read}
      />
      <div class="row">
        <Button onClick={() => void renew(false)}>{t('puzzle.another')}</Button>
        {sound === undefined ? (
          <Button onClick={() => void renew(true)}>{t('puzzle.listen')}</Button>
        ) : (
          <Button onClick={play}>{t('puzzle.again')}</Button>
        )}
      </div>
      <p class="small quiet" role="status">
        {put && t(solving.worked.value ? 'puzzle.worked' : 'puzzle.works')}
      </p>
    </fieldset>
  )
}

/** An address for bytes that came within an answer: nothing is embedded in the page itself. */
function useUrl(base64: string | undefined, type: string): string | undefined {
  const url = useMemo(() => {
    if (base64 === undefined) return undefined
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    return URL.createObjectURL(new Blob([bytes], { type }))
  }, [base64, type])
  useEffect(() => () => (url === undefined ? undefined : URL.revokeObjectURL(url)), [url])
  return url
}
