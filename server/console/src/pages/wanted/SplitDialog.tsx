import { useSignal } from '@preact/signals'
import type { Entry } from '@vedette/server/store/entries'
import type { PhotoRecord } from '@vedette/server/store/photos'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { ReasonField } from '../../parts/ReasonField.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { useWords } from '../../words.ts'
import { useMaking } from './making.ts'
import { Photo } from './Photo.tsx'

type SplitDialogProps = {
  entry: Entry
  photos: readonly PhotoRecord[]
  onClose: (changed: boolean) => void
}

/** Gives photographs that are of somebody else an entry of their own. */
export function SplitDialog({ entry, photos, onClose }: SplitDialogProps) {
  const t = useWords('wanted')
  const gone = useSignal<readonly number[]>([])
  const name = useSignal('')
  const reason = useSignal('')
  const { busy, problem, make } = useMaking()
  const some = gone.value.length > 0 && gone.value.length < photos.length
  const ready = some && name.value.trim() !== ''
  const split = () =>
    desk.post<object>(
      `/entries/${entry.id}/split`,
      { photos: gone.value, name: name.value.trim() },
      { reason: reason.value.trim() || undefined },
    )
  return (
    <Dialog
      wide
      title={t('acts.splitTitle', { name: entry.name })}
      onClose={() => onClose(false)}
      onSubmit={() => ready && void make(split, () => onClose(true))}
      footer={
        <>
          <Button onClick={() => onClose(false)}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy} disabled={!ready}>
            {t('acts.splitDo')}
          </Button>
        </>
      }
    >
      <p>{t('acts.splitText')}</p>
      <Problem problem={problem} />
      <ul class="wanted-picks">
        {photos.map(({ id, photo }) => (
          <li key={id}>
            <label>
              <Photo entry={entry.id} photo={photo} alt="" size={112} />
              <span class="check">
                <input
                  type="checkbox"
                  checked={gone.value.includes(photo)}
                  onChange={(event) => {
                    const others = gone.value.filter((one) => one !== photo)
                    gone.value = event.currentTarget.checked
                      ? [...others, photo].toSorted((p, q) => p - q)
                      : others
                  }}
                />
                {t('photo.number', { photo })}
              </span>
            </label>
          </li>
        ))}
      </ul>
      <TextField label={t('acts.splitName')} maxLength={200} field={name} />
      <ReasonField reason={reason} />
    </Dialog>
  )
}
