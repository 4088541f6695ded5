import { signal, useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { DeskProblem } from '../problem.ts'
import { useWords, wordsOf } from '../words.ts'
import { Button } from './Button.tsx'
import { Dialog } from './Dialog.tsx'
import { Problem } from './Problem.tsx'
import { TextField } from './TextField.tsx'

type Question = {
  title: string
  text?: ComponentChildren
  /** Undefined: yes or no. */
  input?: { label: string; kind: 'text' | 'password'; needed: boolean; start?: string }
  yes: string
  grave?: boolean
  problem?: DeskProblem | undefined
  answer: (text: string | undefined) => void
}

const question = signal<Question | undefined>(undefined)

function ask(asked: Omit<Question, 'answer'>): Promise<string | undefined> {
  question.peek()?.answer(undefined)
  return new Promise((resolve) => {
    const answer = (text: string | undefined) => {
      question.value = undefined
      resolve(text)
    }
    question.value = { ...asked, answer }
  })
}

/** The operator's own password, or undefined where they would rather not. */
export function askPassword(problem?: DeskProblem): Promise<string | undefined> {
  const t = wordsOf('shell')
  return ask({
    title: t('ask.password'),
    text: t('ask.passwordWhy'),
    input: { label: t('ask.yourPassword'), kind: 'password', needed: true },
    yes: t('ask.goOn'),
    problem,
  })
}

/** Why it is done, for the record; undefined where they would rather not. */
export function askReason(title: string, text?: ComponentChildren): Promise<string | undefined> {
  const t = wordsOf('shell')
  const input = { label: t('ask.reason'), kind: 'text', needed: true } as const
  return ask({ title, text, input, yes: t('ask.goOn') })
}

/** One line of text; undefined where they would rather not. */
export function askText(title: string, label: string, start = ''): Promise<string | undefined> {
  const t = wordsOf('shell')
  return ask({ title, input: { label, kind: 'text', needed: false, start }, yes: t('ask.goOn') })
}

/** Whether to do what cannot be taken back; `yes` names it. */
export async function confirm(
  title: string,
  { text, yes }: { text?: ComponentChildren; yes: string },
): Promise<boolean> {
  return (await ask({ title, text, yes, grave: true })) !== undefined
}

/** Shows what is asked; one in the whole console. */
export function Questions() {
  const asked = question.value
  return asked ? <Asked key={asked.title} {...asked} /> : null
}

function Asked({ title, text, input, yes, grave, problem, answer }: Question) {
  const t = useWords('shell')
  const typed = useSignal(input?.start ?? '')
  const ready = !input?.needed || typed.value.trim() !== ''
  return (
    <Dialog
      title={title}
      onClose={() => answer(undefined)}
      onSubmit={() => ready && answer(input?.kind === 'text' ? typed.value.trim() : typed.value)}
      footer={
        <>
          <Button onClick={() => answer(undefined)}>{t('ask.cancel')}</Button>
          <Button type="submit" kind={grave ? 'danger' : 'primary'} disabled={!ready}>
            {yes}
          </Button>
        </>
      }
    >
      {text && <div>{text}</div>}
      <Problem problem={problem} />
      {input && (
        <TextField
          label={input.label}
          field={typed}
          {...(input.kind === 'password'
            ? { type: 'password', autocomplete: 'current-password', maxLength: 256 }
            : { maxLength: 500 })}
        />
      )}
    </Dialog>
  )
}
