import { useSignal } from '@preact/signals'
import type { FloorPlan } from '@vedette/server/store/plans'
import { desk } from '../../desk.ts'
import { confirm } from '../../parts/ask.tsx'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Field } from '../../parts/Field.tsx'
import { NumberField } from '../../parts/NumberField.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'

type PlanDialogProps = {
  /** Undefined: a new one. */
  plan: FloorPlan | undefined
  onClose: () => void
  onDone: (id: string | undefined) => void
}

/** Adds a floor plan, or says anew what one shows. */
export function PlanDialog({ plan, onClose, onDone }: PlanDialogProps) {
  const t = useWords('map')
  const name = useSignal(plan?.name ?? '')
  const metres = useSignal(plan?.metres ?? Number.NaN)
  const north = useSignal(plan?.north ?? 0)
  const file = useSignal<File | undefined>(undefined)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const busy = useSignal(false)

  const save = async (): Promise<string> => {
    if (plan) {
      const wide = Number.isNaN(metres.value) ? null : metres.value
      const words = { name: name.value, metres: wide, north: north.value || 0 }
      await desk.put(`/plans/${plan.id}`, words)
      return plan.id
    }
    const form = new FormData()
    form.set('name', name.value)
    form.set('north', String(north.value || 0))
    if (!Number.isNaN(metres.value)) form.set('metres', String(metres.value))
    if (file.value) form.set('photo', file.value)
    return (await desk.post<FloorPlan>('/plans', form)).id
  }
  const act = async (work: () => Promise<string | undefined>, done: string) => {
    busy.value = true
    problem.value = undefined
    try {
      const id = await work()
      toast(done)
      onDone(id)
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }
  const remove = async () => {
    if (!plan) return
    const yes = t('plans.remove')
    if (
      !(await confirm(t('plans.removeTitle', { name: plan.name }), {
        text: t('plans.removeText'),
        yes,
      }))
    )
      return
    await act(
      async () => {
        await desk.delete(`/plans/${plan.id}`)
        return undefined
      },
      t('plans.removed', { name: plan.name }),
    )
  }
  return (
    <Dialog
      title={plan ? t('plans.changeTitle', { name: plan.name }) : t('plans.addTitle')}
      onClose={onClose}
      onSubmit={() => void act(save, t('plans.saved'))}
      footer={
        <>
          {plan && (
            <Button kind="danger" busy={busy.value} onClick={() => void remove()}>
              {t('plans.remove')}
            </Button>
          )}
          <Button onClick={onClose}>{t('plans.cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy.value} disabled={!plan && !file.value}>
            {plan ? t('plans.save') : t('plans.add')}
          </Button>
        </>
      }
    >
      <Problem problem={problem.value} />
      {!plan && (
        <Field label={t('plans.file')} hint={t('plans.fileHint')}>
          {(tied) => (
            <input
              {...tied}
              type="file"
              accept="image/jpeg,image/png,image/webp"
              onChange={(event) => {
                file.value = event.currentTarget.files?.[0]
                if (name.value === '') name.value = file.value?.name.replace(/\.\w+$/, '') ?? ''
              }}
            />
          )}
        </Field>
      )}
      <TextField label={t('plans.name')} required maxLength={100} field={name} />
      <div class="pair">
        <NumberField
          label={t('plans.metres')}
          hint={t('plans.metresHint')}
          min="0.1"
          step="any"
          field={metres}
        />
        <NumberField
          label={t('plans.north')}
          hint={t('plans.northHint')}
          min="0"
          max="360"
          step="any"
          field={north}
        />
      </div>
    </Dialog>
  )
}
