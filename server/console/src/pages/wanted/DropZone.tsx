import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../../parts/Button.tsx'
import { useWords } from '../../words.ts'

type Given = { file: Blob; name: string }
type DropZoneProps = {
  onFiles: (files: Given[]) => void
  children?: ComponentChildren
}

/** Takes photographs that are chosen, dropped, or pasted anywhere on the page. */
export function DropZone({ onFiles, children }: DropZoneProps) {
  const t = useWords('wanted')
  const over = useSignal(false)
  const input = useRef<HTMLInputElement>(null)
  const give = (files: Iterable<File> | undefined) => {
    const given = [...(files ?? [])].map((file) => ({ file, name: file.name }))
    if (given.length > 0) onFiles(given)
  }
  const latest = useRef(give)
  latest.current = give

  useEffect(() => {
    const paste = (event: ClipboardEvent) => latest.current(event.clipboardData?.files)
    // What is dropped beside it must not take the place of the page.
    const keep = (event: DragEvent) => event.preventDefault()
    window.addEventListener('paste', paste)
    window.addEventListener('dragover', keep)
    window.addEventListener('drop', keep)
    return () => {
      window.removeEventListener('paste', paste)
      window.removeEventListener('dragover', keep)
      window.removeEventListener('drop', keep)
    }
  }, [])

  return (
    <section
      class="wanted-drop"
      aria-label={t('drop.label')}
      data-over={over.value}
      onDragEnter={() => {
        over.value = true
      }}
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
        give(event.dataTransfer?.files)
      }}
    >
      <input
        ref={input}
        class="unseen"
        type="file"
        multiple
        tabIndex={-1}
        accept="image/jpeg,image/png,image/webp,image/heic,image/heif"
        aria-label={t('drop.label')}
        onChange={(event) => {
          give(event.currentTarget.files ?? undefined)
          event.currentTarget.value = ''
        }}
      />
      <div class="row">
        <Button kind="primary" onClick={() => input.current?.click()}>
          {t('drop.choose')}
        </Button>
        {children}
      </div>
      <p class="quiet small">{t('drop.text')}</p>
    </section>
  )
}
