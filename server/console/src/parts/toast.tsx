import { signal } from '@preact/signals'
import { useWords } from '../words.ts'
import { Button } from './Button.tsx'

type Toast = {
  id: number
  words: string
  action?: { label: string; run: () => void } | undefined
}

const toasts = signal<Toast[]>([])
const SHOWN_MS = 8000
/** More would lie over what they are about. */
const MOST = 3
let count = 0

/** Says `words` for some seconds; `action` undoes or opens what was done. */
export function toast(words: string, action?: Toast['action']): void {
  const id = ++count
  toasts.value = [...toasts.peek(), { id, words, action }].slice(-MOST)
  setTimeout(() => drop(id), action ? SHOWN_MS * 2 : SHOWN_MS)
}

function drop(id: number): void {
  toasts.value = toasts.peek().filter((shown) => shown.id !== id)
}

export function Toasts() {
  const t = useWords('shell')
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, words, action }) => (
        <div class="toast" key={id}>
          <span>{words}</span>
          {action && (
            <Button
              onClick={() => {
                action.run()
                drop(id)
              }}
            >
              {action.label}
            </Button>
          )}
          <Button kind="quiet" aria-label={t('close')} onClick={() => drop(id)}>
            ×
          </Button>
        </div>
      ))}
    </div>
  )
}
