import { useSignal } from '@preact/signals'
import type { Entry } from '@vedette/server/store/entries'
import { useEffect } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { ReasonField } from '../../parts/ReasonField.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { useMaking } from './making.ts'
import { Photo } from './Photo.tsx'
import { SideBySide } from './SideBySide.tsx'

type MergeDialogProps = {
  entry: Entry
  /** The id of the other one, where it is known. */
  other: string | undefined
  onClose: (changed: boolean) => void
}

/** Makes one entry of two that are the same person. */
export function MergeDialog({ entry, other: known, onClose }: MergeDialogProps) {
  const t = useWords('wanted')
  const other = useSignal(known)
  const reason = useSignal('')
  const { busy, problem, make } = useMaking()
  const asked = useDesk<Entry>(other.value && `/entries/${encodeURIComponent(other.value)}`)
  const from = other.value === undefined ? undefined : asked.data
  const merge = () =>
    desk.post<object>(
      `/entries/${entry.id}/merge`,
      { from: from?.id },
      { reason: reason.value.trim() || undefined },
    )
  return (
    <Dialog
      wide
      title={t('acts.mergeTitle', { name: entry.name })}
      onClose={() => onClose(false)}
      onSubmit={() => from && void make(merge, () => onClose(true))}
      footer={
        <>
          <Button onClick={() => onClose(false)}>{t('cancel')}</Button>
          {from && (
            <Button
              onClick={() => {
                other.value = undefined
              }}
            >
              {t('merge.other')}
            </Button>
          )}
          <Button type="submit" kind="primary" busy={busy} disabled={!from}>
            {t('acts.mergeDo')}
          </Button>
        </>
      }
    >
      <p>{t('acts.mergeText', { name: entry.name })}</p>
      <Problem problem={problem ?? asked.problem} />
      {from ? (
        <>
          <SideBySide
            entries={[
              { heading: t('merge.stays'), entry },
              { heading: t('merge.goes'), entry: from },
            ]}
          />
          <ReasonField reason={reason} />
        </>
      ) : (
        <Find
          not={entry.id}
          onFound={(id) => {
            other.value = id
          }}
        />
      )}
    </Dialog>
  )
}

const SETTLED_MS = 200
const FOUND = 8

function Find({ not, onFound }: { not: string; onFound: (id: string) => void }) {
  const t = useWords('wanted')
  const typed = useSignal('')
  const settled = useSignal('')
  useEffect(() => {
    const timer = setTimeout(() => {
      settled.value = typed.value.trim()
    }, SETTLED_MS)
    return () => clearTimeout(timer)
  }, [typed.value])
  const path =
    settled.value === ''
      ? undefined
      : `/entries?limit=${FOUND}&text=${encodeURIComponent(settled.value)}`
  const { data, problem } = useDesk<Entry[]>(path)
  const found = path === undefined ? [] : (data ?? []).filter(({ id }) => id !== not)
  return (
    <>
      <TextField label={t('merge.search')} type="search" field={typed} />
      <Problem problem={problem} />
      <ul class="wanted-picks" aria-live="polite">
        {found.map(({ id, name, list }) => (
          <li key={id}>
            <button type="button" class="button" onClick={() => onFound(id)}>
              <Photo entry={id} alt="" size={64} />
              <span>
                {name} <span class="small quiet">{list}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
