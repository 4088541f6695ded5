import { Button } from '../../parts/Button.tsx'

/** Shows what has come and would have moved what is looked at; always there, so that it is read aloud. */
export function NewsChip({ words, onShow }: { words: string | false; onShow: () => void }) {
  return (
    <div class="wanted-news" aria-live="polite">
      {words && (
        <Button kind="primary" onClick={onShow}>
          {words}
        </Button>
      )}
    </div>
  )
}
