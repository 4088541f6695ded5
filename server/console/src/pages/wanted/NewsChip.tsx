import { Button } from '../../parts/Button.tsx'

/** Shows what has come and would have moved what is looked at; stands where it moves nothing itself. */
export function NewsChip({ words, onShow }: { words: string | false; onShow: () => void }) {
  return (
    <div aria-live="polite">
      {words && (
        <Button kind="primary" onClick={onShow}>
          {words}
        </Button>
      )}
    </div>
  )
}
