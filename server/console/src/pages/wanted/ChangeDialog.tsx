import { useSignal } from '@preact/signals'
import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { Changed } from '@vedette/server/entries/register'
import type { Entry } from '@vedette/server/store/entries'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { NumberField } from '../../parts/NumberField.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { ReasonField } from '../../parts/ReasonField.tsx'
import { named, SelectField } from '../../parts/SelectField.tsx'
import { useWords } from '../../words.ts'
import { DAY_MS } from './format.ts'
import { useMaking } from './making.ts'
import { Until } from './Until.tsx'

type ChangeDialogProps = {
  act: 'extend' | 'move' | 'tighten' | 'expire'
  entry: Entry
  lists: readonly CountedList[]
  onClose: (changed: boolean) => void
}

/** More time, another list, more care, or an end now. */
export function ChangeDialog({ act, entry, lists, onClose }: ChangeDialogProps) {
  const t = useWords('wanted')
  const until = useSignal<number | undefined>(undefined)
  const to = useSignal('')
  const factor = useSignal(entry.strictness)
  const reason = useSignal('')
  const { busy, problem, make } = useMaking()
  const list = lists.find(({ id }) => id === entry.list)
  const target = lists.find(({ id }) => id === to.value)
  const ready = act !== 'move' || to.value !== ''

  const work = async (): Promise<Partial<Changed>> => {
    const options = { reason: reason.value.trim() || undefined }
    const path = `/entries/${entry.id}`
    if (act === 'extend') {
      return desk.post(`${path}/extend`, { expiresAt: until.value }, options)
    }
    if (act === 'move') return desk.post(`${path}/move`, { list: to.value }, options)
    if (act === 'tighten') {
      await desk.post(`${path}/strictness`, { factor: factor.value }, options)
    } else await desk.post(`${path}/expire`, {}, options)
    return {}
  }
  return (
    <Dialog
      title={t(`acts.${act}Title`, { name: entry.name })}
      onClose={() => onClose(false)}
      onSubmit={() => ready && void make(work, () => onClose(true))}
      footer={
        <>
          <Button onClick={() => onClose(false)}>{t('cancel')}</Button>
          <Button
            type="submit"
            kind={act === 'expire' ? 'danger' : 'primary'}
            busy={busy}
            disabled={!ready}
          >
            {t(`acts.${act}Do`)}
          </Button>
        </>
      }
    >
      <p>{t(`acts.${act}Text`)}</p>
      {list?.approvals === 2 && (act === 'extend' || act === 'move') && (
        <p class="wanted-note">{t('acts.twoPersons')}</p>
      )}
      <Problem problem={problem} />
      {act === 'extend' && (
        <Until
          label={t('details.expires')}
          usualLife={list?.usualLife ?? 90 * DAY_MS}
          longestLife={list?.longestLife ?? 365 * DAY_MS}
          value={until.value}
          onChange={(next) => {
            until.value = next
          }}
        />
      )}
      {act === 'move' && (
        <SelectField
          label={t('move.to')}
          hint={target && t('move.most', { count: Math.floor(target.longestLife / DAY_MS) })}
          field={to}
          options={[['', t('move.choose')], ...named(lists.filter(({ id }) => id !== entry.list))]}
        />
      )}
      {act === 'tighten' && (
        <NumberField
          label={t('acts.factor')}
          hint={t('acts.factorHint')}
          min={1}
          max={1000}
          step="any"
          field={factor}
        />
      )}
      <ReasonField reason={reason} />
    </Dialog>
  )
}
