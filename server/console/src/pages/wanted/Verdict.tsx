import type { PhotoVerdict } from '@vedette/server/gallery/photo-verdict'
import { useWords } from '../../words.ts'
import { figure } from './format.ts'
import { aspectWords, verdictWords } from './verdict-words.ts'

type BoxesProps = {
  verdict: PhotoVerdict
  /** Undefined where there is nothing to choose. */
  onChoose?: ((face: number) => void) | undefined
}

/** Every face in a numbered box over the picture; the one that it is about stands out. */
export function Boxes({ verdict, onChoose }: BoxesProps) {
  const t = useWords('wanted')
  const { faces, width, height, face: chosen } = verdict
  if (width === null || height === null) return null
  const many = faces.length > 1
  return (
    <div class="wanted-boxes">
      {faces.map(({ face, box, quality }) => {
        const place = {
          left: `${(100 * Math.max(0, box.x)) / width}%`,
          top: `${(100 * Math.max(0, box.y)) / height}%`,
          width: `${(100 * Math.min(box.width, width - Math.max(0, box.x))) / width}%`,
          height: `${(100 * Math.min(box.height, height - Math.max(0, box.y))) / height}%`,
        }
        if (!many || onChoose === undefined) {
          return <span key={face} class="box" data-chosen={face === chosen} style={place} />
        }
        const said = t('shot.chooseFace', { face, quality: Math.round(quality * 100) })
        return (
          <button
            type="button"
            key={face}
            class="box"
            style={place}
            aria-pressed={face === chosen}
            data-chosen={face === chosen}
            aria-label={said}
            title={said}
            onClick={() => onChoose(face)}
          >
            <span>{face}</span>
          </button>
        )
      })}
    </div>
  )
}

type VerdictProps = { verdict: PhotoVerdict; agreement?: number | null | undefined }

/** What the desk says of a photograph, in words and, respect by respect, in bars. */
export function Verdict({ verdict, agreement }: VerdictProps) {
  const t = useWords('wanted')
  const { aspects, faces, face, accepted } = verdict
  const { words, advice } = verdictWords(verdict)
  const choose = faces.length > 1 && face === null
  return (
    <div class="wanted-verdict">
      <p aria-live="polite">
        {faces.length > 1 && face !== null && t('shot.faceOf', { face, all: faces.length })} {words}
      </p>
      {choose ? (
        <p class="advice">{t('shot.choose')}</p>
      ) : (
        advice !== '' && <p class={accepted ? 'small quiet' : 'advice'}>{advice}</p>
      )}
      {agreement != null && (
        <p class="small quiet">{t('shot.agreement', { figure: figure(agreement) })}</p>
      )}
      {aspects.length > 0 && (
        <details open={!accepted}>
          <summary>{t('shot.aspects')}</summary>
          <dl class="wanted-aspects">
            {aspects.map((one) => (
              <div key={one.aspect}>
                <dt>{t(`aspect.${one.aspect}`)}</dt>
                <dd>
                  <meter min={0} max={1} low={0.35} high={0.8} optimum={1} value={one.share}>
                    {Math.round(one.share * 100)}
                  </meter>
                  <span class="small quiet">{aspectWords(one).words}</span>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  )
}
