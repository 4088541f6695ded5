import { useSignal } from '@preact/signals'
import type { CardPerson } from '@vedette/server/desk/answered/queue'
import type { Item } from '../../alerts/queue.ts'
import { urlOf } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { useWords } from '../../words.ts'

type PicturesProps = { item: Item; zoomed: boolean; onZoom: (zoomed: boolean) => void }

/** Who was seen beside who is looked for; large on demand. */
export function Pictures({ item, zoomed, onZoom }: PicturesProps) {
  const t = useWords('alerts')
  const pictures = <Both item={item} />
  return (
    <div class="pictures">
      <button type="button" class="zoom" onClick={() => onZoom(true)} aria-label={t('zoom')}>
        {pictures}
      </button>
      {zoomed && (
        <Dialog
          wide
          title={t('zoomTitle')}
          onClose={() => onZoom(false)}
          footer={
            <Button kind="primary" onClick={() => onZoom(false)}>
              {t('close')}
            </Button>
          }
        >
          <div class="pictures large">{pictures}</div>
        </Dialog>
      )}
    </div>
  )
}

function Both({ item }: { item: Item }) {
  const t = useWords('alerts')
  return (
    <span class="both">
      <Picture
        key={item.id}
        path={`/alerts/${item.id}/chip?v=${item.shots}`}
        caption={t('picture.seen')}
        missing={t('picture.none')}
      />
      {item.persons?.map((person) => (
        <Picture
          key={person.entry}
          path={pathOf(person)}
          caption={t('picture.enrolled', { name: person.name })}
          missing={t('picture.gone')}
        />
      ))}
      {item.persons?.length === 0 && <span class="picture missing">{t('picture.gone')}</span>}
    </span>
  )
}

function pathOf({ entry, photo }: CardPerson): string {
  return `/entries/${entry}/photos/${photo}`
}

function Picture({ path, caption, missing }: { path: string; caption: string; missing: string }) {
  const failed = useSignal(false)
  return (
    <span class="picture">
      {failed.value ? (
        <span class="missing">{missing}</span>
      ) : (
        <img
          src={urlOf(path)}
          alt={caption}
          onError={() => {
            failed.value = true
          }}
        />
      )}
      <span class="small">{caption}</span>
    </span>
  )
}
