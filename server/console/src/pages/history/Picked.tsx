import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { urlOf } from '../../desk.ts'
import { Field } from '../../parts/Field.tsx'
import { useWords } from '../../words.ts'

type PickedProps = {
  photo: File | undefined
  /** Whose picture is meant, where none was picked. */
  alert: string | undefined
  onPick: (photo: File | undefined) => void
}

/** The photograph that is searched by: picked, dropped, pasted, or an alert's. */
export function Picked({ photo, alert, onPick }: PickedProps) {
  const t = useWords('history')
  const over = useSignal(false)
  const preview = useSignal<string | undefined>(undefined)
  useEffect(() => {
    const url = photo && URL.createObjectURL(photo)
    preview.value = url
    return () => {
      if (url) URL.revokeObjectURL(url)
    }
  }, [photo])
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent) => {
      const file = clipboardData?.files[0]
      if (file?.type.startsWith('image/')) onPick(file)
    }
    window.addEventListener('paste', paste)
    return () => window.removeEventListener('paste', paste)
  }, [onPick])
  const shown = preview.value ?? (alert === undefined ? undefined : urlOf(`/alerts/${alert}/chip`))
  return (
    <fieldset
      class="row picked"
      data-over={over.value}
      onDragOver={(event) => {
        event.preventDefault()
        over.value = true
      }}
      onDragLeave={() => {
        over.value = false
      }}
      onDrop={(event) => {
        event.preventDefault()
        over.value = false
        onPick(event.dataTransfer?.files[0])
      }}
    >
      <legend class="unseen">{t('search.photo')}</legend>
      {shown && <img class="face" src={shown} alt={t('search.who')} width="96" height="96" />}
      <Field
        label={t('search.photo')}
        hint={alert && !photo ? t('search.fromAlert') : t('search.photoHint')}
      >
        {(tied) => (
          <input
            {...tied}
            type="file"
            accept="image/jpeg,image/png,image/webp"
            onChange={(event) => onPick(event.currentTarget.files?.[0])}
          />
        )}
      </Field>
    </fieldset>
  )
}
