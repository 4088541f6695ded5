import { useSignal } from '@preact/signals'
import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { ListChanged } from '@vedette/server/desk/routes/lists'
import type { ListPolicy } from '@vedette/server/lists/list'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { ReasonField } from '../../parts/ReasonField.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { useWords } from '../../words.ts'
import { useMaking } from './making.ts'
import { livesFit, PolicyFields } from './PolicyFields.tsx'
import { PolicyRules } from './PolicyRules.tsx'
import { USUAL } from './usual.ts'

const ID = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

type ListFormProps = {
  /** Undefined: a new one. */
  list: CountedList | undefined
  onClose: (changed: boolean) => void
}

/** What holds for everybody on a list. */
export function ListForm({ list, onClose }: ListFormProps) {
  const t = useWords('wanted')
  const id = useSignal('')
  const policy = useSignal<ListPolicy>(list ?? USUAL)
  const reason = useSignal('')
  const { busy, problem, make } = useMaking()
  const now = policy.value
  const set = (change: Partial<ListPolicy>) => {
    policy.value = { ...policy.value, ...change }
  }
  const idFits = list !== undefined || ID.test(id.value)
  const ready = idFits && livesFit(now) && now.name.trim() !== ''

  const save = async () => {
    const options = { reason: reason.value.trim() || undefined }
    const fields = Object.keys(USUAL) as (keyof ListPolicy)[]
    const before: ListPolicy = list ?? USUAL
    const changed = fields.filter(
      (field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]),
    )
    const body = Object.fromEntries(changed.map((field) => [field, now[field]]))
    if (list === undefined) {
      await desk.post('/lists', { id: id.value, ...body }, options)
      return {}
    }
    if (changed.length === 0) return {}
    const { request } = await desk.patch<ListChanged>(`/lists/${list.id}`, body, options)
    return { request }
  }
  return (
    <Dialog
      wide
      title={list ? t('lists.editTitle', { name: list.name }) : t('lists.addTitle')}
      onClose={() => onClose(false)}
      onSubmit={() => ready && void make(save, () => onClose(true))}
      footer={
        <>
          <Button onClick={() => onClose(false)}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy} disabled={!ready}>
            {t('save')}
          </Button>
        </>
      }
    >
      <Problem problem={problem} />
      {list?.approvals === 2 && <p class="wanted-note">{t('lists.weaker')}</p>}
      <div class="wanted-policy">
        {!list && (
          <TextField
            label={t('lists.id')}
            hint={t('lists.idHint')}
            error={id.value !== '' && !idFits ? t('lists.idWrong') : undefined}
            required
            field={id}
          />
        )}
        <PolicyFields policy={now} onChange={set} />
      </div>
      <PolicyRules policy={now} onChange={set} />
      <ReasonField reason={reason} />
    </Dialog>
  )
}
