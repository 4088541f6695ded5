import { signal } from '@preact/signals'
import type { Decided } from '@vedette/server/desk/answered/decisions'
import type { NamedAlert } from '@vedette/server/desk/named'
import { assume, doubt, type Item, lists, loadCard, settle } from '../../alerts/queue.ts'
import { desk } from '../../desk.ts'
import { toast } from '../../parts/toast.tsx'
import { asProblem, DeskProblem } from '../../problem.ts'
import { problemWords } from '../../problem-words.ts'
import { session } from '../../session.ts'
import { wordsOf } from '../../words.ts'
import { stepToWaiting, unmarkAll } from './rows.ts'

export type Verdict = 'true' | 'false' | 'unresolved'
type Decision =
  | { do: 'take' | 'reopen' | 'undo'; note?: string }
  | { do: 'park'; for: number; note?: string }
  | { do: 'resolve'; outcome: Verdict; note: string }

/** What is asked before it is decided: what it was, or for how long it is put aside. */
export type Asking = { kind: Verdict | 'park'; about: Item[] }

export const asking = signal<Asking | undefined>(undefined)
/** The last decision that can still be taken back here. */
const undoable = signal<readonly string[]>([])

/** Decides of each of `about`; what the desk refuses is shown as it was. */
export async function decide(about: readonly Item[], decision: Decision): Promise<void> {
  if (about.length === 0) return
  for (const item of about) assume(item.id, assumption(item, decision))
  const ids = about.map(({ id }) => id)
  if (decision.do === 'resolve' || decision.do === 'park') stepToWaiting()
  unmarkAll()
  const answers = await ask(ids, decision)
  const done = answers.filter((answer) => 'alert' in answer)
  for (const { alert } of done) settle(alert)
  for (const answer of answers) if ('problem' in answer) await refused(answer.id)
  const problems = answers.flatMap((answer) => ('problem' in answer ? [answer.problem] : []))
  tell(
    done.map(({ alert }) => alert),
    decision,
  )
  if (problems[0]) await tellProblem(problems[0])
}

/** Takes back what was decided here last. */
export async function undo(ids = undoable.peek()): Promise<void> {
  if (ids === undoable.peek()) undoable.value = []
  if (ids.length === 0) return
  const answers = await ask(ids, { do: 'undo' })
  for (const answer of answers) if ('alert' in answer) settle(answer.alert)
  const refusal = answers.find((answer) => 'problem' in answer)?.problem
  if (refusal) await tellProblem(refusal)
}

async function ask(ids: readonly string[], decision: Decision): Promise<Decided[]> {
  try {
    return await desk.post<Decided[]>('/alerts/decide', { ...decision, ids })
  } catch (error) {
    const { answer, message, code, status, hint } = asProblem(error)
    const problem = { type: '', title: '', ...answer, code, status, detail: message }
    return ids.map((id) => ({ id, problem: { ...problem, ...(hint && { hint }) } }))
  }
}

/** In the language of the console, which may have to be fetched first. */
async function tellProblem(refusal: ConstructorParameters<typeof DeskProblem>[0]): Promise<void> {
  await problemWords()
  const { message, hint } = new DeskProblem(refusal)
  toast([message, hint].filter(Boolean).join(' '))
}

/** Somebody else was first, or the desk was not reached: what it says counts. */
async function refused(id: string): Promise<void> {
  doubt(id)
  await loadCard(id)
    .then(settle)
    .catch(() => {})
}

function assumption(item: Item, decision: Decision): Partial<NamedAlert> {
  const [me, now] = [session.peek()?.name ?? null, Date.now()]
  switch (decision.do) {
    case 'take':
      return { state: 'acknowledged', acknowledgedBy: me, acknowledgedAt: now, parkedUntil: null }
    case 'park':
      return { state: 'parked', parkedBy: me, parkedUntil: now + decision.for }
    case 'resolve':
      return said(item, decision.outcome, me, now)
    case 'reopen':
      return { state: 'open', outcome: null }
    default:
      return {}
  }
}

function said(item: Item, outcome: Verdict, me: string | null, now: number): Partial<NamedAlert> {
  const two = lists.peek().get(item.list)?.confirmations === 2
  if (item.state === 'awaiting' && outcome !== 'true') return { state: 'open', affirmedBy: null }
  if (item.state !== 'awaiting' && outcome === 'true' && two) {
    return { state: 'awaiting', affirmedBy: me, affirmedAt: now }
  }
  return { state: 'resolved', outcome, resolvedBy: me, resolvedAt: now }
}

function tell(done: readonly NamedAlert[], decision: Decision): void {
  const t = wordsOf('alerts')
  const [first] = done
  if (!first) return
  const ids = done.map(({ id }) => id)
  undoable.value = ids
  // It is there to be seen, and the cursor has not gone on.
  if (decision.do === 'take') return
  const what = decision.do === 'resolve' ? (first.outcome ?? first.state) : decision.do
  const words = t(`done.${what as 'take'}`, {
    count: done.length,
    name: first.name ?? t('unnamed'),
  })
  toast(words, { label: t('undo'), run: () => void undo(ids) })
}
