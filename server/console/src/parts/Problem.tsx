import type { DeskProblem } from '../problem.ts'
import { useWords } from '../words.ts'
import { Button } from './Button.tsx'

type ProblemProps = { problem: DeskProblem | undefined; onRetry?: () => void }

/** What went wrong and what to do about it, read aloud when it comes. */
export function Problem({ problem, onRetry }: ProblemProps) {
  const t = useWords('shell')
  if (!problem) return null
  const { message, hint, original, code, answer } = problem
  const request = 'instance' in answer ? String(answer.instance) : undefined
  return (
    <div class="problem" role="alert">
      <p>{message}</p>
      {hint && <p class="hint">{hint}</p>}
      {original && (
        <p class="small quiet">
          {t('original')} <q lang="en">{original}</q>
        </p>
      )}
      <p class="small quiet">
        <code>{code}</code> {request && <code>{request}</code>}
      </p>
      {onRetry && <Button onClick={onRetry}>{t('retry')}</Button>}
    </div>
  )
}
