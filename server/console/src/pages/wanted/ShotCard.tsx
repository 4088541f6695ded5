import { useSignal } from '@preact/signals'
import { Button } from '../../parts/Button.tsx'
import { Tag } from '../../parts/Tag.tsx'
import { useWords } from '../../words.ts'
import { Crop } from './Crop.tsx'
import { megabytes } from './pictures.ts'
import type { Shot, Shots } from './shots.ts'
import { Boxes, Verdict } from './Verdict.tsx'

type ShotCardProps = {
  shot: Shot
  shots: Shots
  checking: boolean
  /** How alike it is to the other most like it. */
  agreement: number | null | undefined
}

/** One photograph: its faces, what was said of it, and what can be done with it. */
export function ShotCard({ shot, shots, checking, agreement }: ShotCardProps) {
  const t = useWords('wanted')
  const cutting = useSignal(false)
  const shrinking = useSignal(false)
  const { id, file, name, url, verdict, obstacle, isLarge } = shot
  const state = obstacle ? 'bad' : verdict ? (verdict.accepted ? 'good' : 'bad') : 'open'
  const shrink = async () => {
    shrinking.value = true
    await shots.shrink(id)
    shrinking.value = false
  }
  return (
    <li class="wanted-shot card" data-state={state} aria-label={name}>
      <div class="frame">
        {obstacle === 'heic' || obstacle === 'other' ? (
          <p class="quiet">{t('shot.unseen')}</p>
        ) : (
          <img src={url} alt={name} />
        )}
        {verdict && (
          <Boxes
            verdict={verdict}
            onChoose={file && ((face) => shots.change(id, { face, verdict: undefined }))}
          />
        )}
      </div>
      <div class="stack">
        <div class="row spread">
          <strong class="file">{name}</strong>
          {obstacle || verdict ? (
            <Tag tone={state === 'good' ? 'good' : 'danger'}>
              {t(state === 'good' ? 'shot.good' : 'shot.bad')}
            </Tag>
          ) : (
            <Tag>{t(checking ? 'shot.checking' : 'shot.open')}</Tag>
          )}
        </div>
        {obstacle && (
          <div class="problem">
            <p>{t(`obstacle.${obstacle}`, { size: file ? megabytes(file.size) : '' })}</p>
            <p class="hint">{t(`obstacle.${obstacle}Hint`)}</p>
          </div>
        )}
        {verdict && <Verdict verdict={verdict} agreement={agreement} />}
        <div class="row">
          {(obstacle === 'large' || obstacle === 'pixels' || isLarge) && (
            <Button kind={obstacle ? 'primary' : 'plain'} busy={shrinking.value} onClick={shrink}>
              {t('shot.shrink', { size: file ? megabytes(file.size) : '' })}
            </Button>
          )}
          {file && obstacle !== 'heic' && obstacle !== 'other' && (
            <Button
              onClick={() => {
                cutting.value = true
              }}
            >
              {t('shot.cut')}
            </Button>
          )}
          <Button onClick={() => shots.remove(id)} aria-label={t('shot.removeOne', { name })}>
            {t('shot.remove')}
          </Button>
        </div>
        <details>
          <summary>{t('shot.origin')}</summary>
          <div class="wanted-pair">
            <input
              aria-label={t('shot.source')}
              placeholder={t('shot.source')}
              disabled={!file}
              value={shot.source}
              onInput={(event) => shots.change(id, { source: event.currentTarget.value })}
            />
            <input
              aria-label={t('shot.taken')}
              placeholder={t('shot.taken')}
              disabled={!file}
              value={shot.taken}
              onInput={(event) => shots.change(id, { taken: event.currentTarget.value })}
            />
          </div>
        </details>
      </div>
      {cutting.value && (
        <Crop
          url={url}
          onClose={() => {
            cutting.value = false
          }}
          onCut={async (area) => {
            await shots.cut(id, area)
            cutting.value = false
          }}
        />
      )}
    </li>
  )
}
