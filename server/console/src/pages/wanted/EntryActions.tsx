import { useSignal } from '@preact/signals'
import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { Entry } from '@vedette/server/store/entries'
import type { PhotoRecord } from '@vedette/server/store/photos'
import { useLocation } from 'preact-iso'
import { Button } from '../../parts/Button.tsx'
import { may } from '../../session.ts'
import { useWords } from '../../words.ts'
import { ChangeDialog } from './ChangeDialog.tsx'
import { EraseDialog } from './EraseDialog.tsx'
import { MergeDialog } from './MergeDialog.tsx'
import { SplitDialog } from './SplitDialog.tsx'

type EntryActionsProps = {
  entry: Entry
  photos: readonly PhotoRecord[]
  lists: readonly CountedList[]
  /** Nothing may become of it any more; what was begun is ended by whoever began it. */
  gone: boolean
  onChanged: () => void
}

type Act = 'extend' | 'move' | 'merge' | 'split' | 'tighten' | 'expire' | 'erase'

/** What may become of an entry. `?merge=OTHER` begins with a merge. */
export function EntryActions({ entry, photos, lists, gone, onChanged }: EntryActionsProps) {
  const t = useWords('wanted')
  const { query, path, route } = useLocation()
  const act = useSignal<Act | undefined>(query.merge === undefined ? undefined : 'merge')
  const change = may('entries.change')
  const acts: Act[] = [
    ...(change && entry.state !== 'pending' && entry.state !== 'refused'
      ? (['extend', 'move', 'merge'] as const)
      : []),
    ...(change && photos.length > 1 && entry.state === 'live' ? (['split'] as const) : []),
    ...(change && entry.state === 'live' ? (['tighten', 'expire'] as const) : []),
    ...(may('entries.erase') ? (['erase'] as const) : []),
  ]
  const close = (changed: boolean) => {
    act.value = undefined
    if (query.merge !== undefined) route(path, true)
    if (changed) onChanged()
  }
  return (
    <div class="row">
      {(gone ? [] : acts).map((one) => (
        <Button
          key={one}
          kind={one === 'erase' ? 'danger' : 'plain'}
          onClick={() => {
            act.value = one
          }}
        >
          {t(`acts.${one}`)}
        </Button>
      ))}
      {(act.value === 'extend' ||
        act.value === 'move' ||
        act.value === 'tighten' ||
        act.value === 'expire') && (
        <ChangeDialog act={act.value} entry={entry} lists={lists} onClose={close} />
      )}
      {act.value === 'merge' && <MergeDialog entry={entry} other={query.merge} onClose={close} />}
      {act.value === 'split' && <SplitDialog entry={entry} photos={photos} onClose={close} />}
      {act.value === 'erase' && <EraseDialog entry={entry} onClose={close} />}
    </div>
  )
}
