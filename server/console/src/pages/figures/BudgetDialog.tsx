import { useSignal } from '@preact/signals'
import type { Report } from '@vedette/server/thresholds/report'
import type { Change } from '@vedette/server/thresholds/thresholds'
import { amount } from '../../amount.ts'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { ReasonField } from '../../parts/ReasonField.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'

type BudgetDialogProps = { report: Report; onClose: (changed: boolean) => void }

/** Another budget for one camera: what it would change is seen before it is saved. */
export function BudgetDialog({ report, onClose }: BudgetDialogProps) {
  const t = useWords('figures')
  const { agent, camera, budget } = report
  const place = { scope: 'camera', target: `${agent}/${camera}` }
  const text = useSignal(String(budget.budget))
  const reason = useSignal('')
  const tried = useSignal<{ budget: number | null; changes: Change[] } | undefined>(undefined)
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const next = Number(text.value.replace(',', '.'))
  const doing = async (work: () => Promise<void>) => {
    busy.value = true
    problem.value = undefined
    await work().catch((error) => {
      problem.value = asProblem(error)
    })
    busy.value = false
  }
  const forecast = (budget: number | null) =>
    doing(async () => {
      const body = { ...place, budget }
      const changes = await desk.post<Change[]>('/thresholds/forecast', body)
      tried.value = { budget, changes }
    })
  const save = () =>
    doing(async () => {
      const budget = tried.peek()?.budget
      const options = { reason: reason.peek() }
      if (budget === null) {
        await desk.delete(`/thresholds?${new URLSearchParams(place)}`, undefined, options)
      } else await desk.put('/thresholds', { ...place, budget }, options)
      toast(t('budget.saved', { camera: place.target }))
      onClose(true)
    })
  const shown = tried.value
  return (
    <Dialog
      title={t('budget.of', { camera: place.target })}
      onClose={() => onClose(false)}
      onSubmit={() => {
        if (Number.isFinite(next)) void (shown?.budget === next ? save() : forecast(next))
      }}
      footer={
        <>
          {budget.scope === 'camera' && (
            <Button busy={busy.value} onClick={() => forecast(null)}>
              {t('budget.unset')}
            </Button>
          )}
          <Button busy={busy.value} onClick={() => forecast(next)} disabled={!(next > 0)}>
            {t('budget.forecast')}
          </Button>
          <Button kind="primary" busy={busy.value} disabled={!shown} onClick={save}>
            {t('budget.save')}
          </Button>
        </>
      }
    >
      <TextField
        label={t('budget.label')}
        hint={t('budget.hint')}
        inputMode="decimal"
        value={text.value}
        onValue={(next) => {
          text.value = next
          tried.value = undefined
        }}
      />
      <ReasonField reason={reason} hint="" />
      <Problem problem={problem.value} />
      {shown && (
        <div role="status">
          {shown.changes.length === 0 && <p>{t('budget.nothing')}</p>}
          {shown.changes.map(({ before, after }) => (
            <p key={`${after.agent}/${after.camera} ${after.list ?? ''}`}>
              {t('budget.changes', {
                before: before.threshold.toFixed(3),
                after: after.threshold.toFixed(3),
                expected: amount(after.forecast.expected),
              })}
            </p>
          ))}
        </div>
      )}
    </Dialog>
  )
}
