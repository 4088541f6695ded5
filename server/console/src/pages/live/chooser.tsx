import { useSignal } from '@preact/signals'
import type { CameraStatus } from '@vedette/server/cameras/known'
import { useRef } from 'preact/hooks'
import { TextField } from '../../parts/TextField.tsx'
import { useWords } from '../../words.ts'
import type { Places } from './places.ts'

type ChooserProps = {
  cameras: readonly CameraStatus[]
  places: Places
  onChoose: (camera: string) => void
  onRemove: (camera: string) => void
}

/** Every camera there is; a press puts it into a tile, another takes it out. */
export function Chooser({ cameras, places, onChoose, onRemove }: ChooserProps) {
  const t = useWords('live')
  const wanted = useSignal('')
  const list = useRef<HTMLElement>(null)
  const words = wanted.value.toLowerCase().split(/\s+/)
  const found = cameras.filter((one) => words.every((word) => keyOf(one).includes(word)))
  return (
    <aside
      class="chooser card"
      ref={list}
      aria-label={t('chooser.title')}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        const camera = event.dataTransfer?.getData('text/plain')
        if (camera) onRemove(camera)
      }}
    >
      <TextField label={t('chooser.search')} type="search" data-search field={wanted} />
      <ul>
        {found.map((one) => {
          const key = keyOf(one)
          const shown = places.includes(key)
          return (
            <li key={key}>
              <button
                type="button"
                draggable
                aria-pressed={shown}
                onClick={() => (shown ? onRemove(key) : onChoose(key))}
                onDragStart={(event) => event.dataTransfer?.setData('text/plain', key)}
              >
                <span class="light" data-state={one.state} />
                <span class="name">{key}</span>
                <span class="small quiet">
                  {t(one.connected ? `state.${one.state}` : 'state.away')}
                </span>
              </button>
            </li>
          )
        })}
      </ul>
      {found.length === 0 && <p class="quiet small">{t('chooser.none')}</p>}
    </aside>
  )
}

export function keyOf({ agent, camera }: { agent: string; camera: string }): string {
  return `${agent}/${camera}`
}
