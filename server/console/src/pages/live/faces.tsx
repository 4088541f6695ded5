import type { NamedAlert } from '@vedette/server/desk/named'
import type { LivePicture } from '@vedette/server/live/wire'
import { useEffect } from 'preact/hooks'
import { useWords } from '../../words.ts'
import type { Known } from './known.ts'
import type { Seen } from './looking.ts'

type Face = LivePicture['faces'][number]

/** Letters of a track's id that are shown: enough to tell those in a picture apart. */
const SHOWN = 4

type FacesProps = Pick<Seen, 'matches'> & { head: LivePicture; known: Known }

/** Boxes over the picture: who is followed, and how far they have come. */
export function Faces({ head, matches, known }: FacesProps) {
  const t = useWords('live')
  useEffect(() => known.want(matches.values()), [matches, known])
  return (
    <ul class="boxes" aria-label={t('faces', { count: head.faces.length })}>
      {head.faces.map((face) => (
        <Box key={face.track} face={face} frame={head} alert={known.get(matches.get(face.track))} />
      ))}
    </ul>
  )
}

type BoxProps = { face: Face; frame: LivePicture; alert: NamedAlert | undefined }

function Box({ face, frame, alert }: BoxProps) {
  const t = useWords('live')
  const [x, y, width, height] = face.box
  const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)}%`
  const said = alert ? 'alert' : face.asked > 0 ? 'asked' : face.poor ? 'poor' : 'followed'
  const low = y + height > frame.height * 0.8
  const right = x > frame.width * 0.6
  return (
    <li
      class="box"
      data-said={said}
      data-low={low}
      data-right={right}
      style={{
        left: share(x, frame.width),
        top: share(y, frame.height),
        width: share(width, frame.width),
        height: share(height, frame.height),
      }}
    >
      <div class="label">
        {alert ? (
          <a href={`/alerts?id=${alert.id}`}>
            {alert.name ?? alert.either?.join(' / ') ?? t('face.alert')}
          </a>
        ) : (
          <span>
            {face.poor ? t(`poor.${face.poor}`) : t(`said.${said}`, { count: face.asked })}
          </span>
        )}
        <span class="number">
          <span class="unseen">{t('face.track')} </span>#{face.track.slice(-SHOWN)}
          {face.quality !== undefined && (
            <>
              {' '}
              <abbr title={t('face.quality')}>{t('face.q')}</abbr>
              {face.quality.toFixed(2)}
            </>
          )}
        </span>
      </div>
    </li>
  )
}
