import type { CameraStatus } from '@vedette/server/cameras/known'
import { useWords } from '../../words.ts'
import type { Seen } from './looking.ts'

/** What agents say that there are words for. */
const CODES = [
  'camera.opening',
  'camera.stalled',
  'camera.ended',
  'camera.died',
  'camera.not-found',
  'camera.unknown',
  'live.off',
  'live.full',
] as const
type Code = (typeof CODES)[number]

const isCode = (code: string | null): code is Code => CODES.includes(code as Code)

type WhyProps = { why: Seen['why']; camera: string; status: CameraStatus | undefined }

/** Why there is no picture, and what to do about it. */
export function Why({ why, camera, status }: WhyProps) {
  const t = useWords('live')
  const [agent = ''] = camera.split('/')
  if (why === undefined) return <p>{t('why.quiet')}</p>
  const { state, code } = why
  if (state !== 'refused') {
    return (
      <>
        <p>{t(`why.${state}`, { agent })}</p>
        {state === 'away' && status && <Link camera={camera} />}
      </>
    )
  }
  return (
    <>
      <p>{isCode(code) ? t(`code.${toKey(code)}`, { agent }) : t('why.refused', { agent })}</p>
      <p class="small">
        <code>{code}</code>
      </p>
      <Link camera={camera} />
    </>
  )
}

function Link({ camera }: { camera: string }) {
  const t = useWords('live')
  return <a href={`/fleet?camera=${camera}`}>{t('why.fleet')}</a>
}

/** Dots part the names of words, so that codes are written with hyphens there. */
function toKey<C extends Code>(code: C) {
  return code.replace('.', '-') as C extends `${infer A}.${infer B}` ? `${A}-${B}` : never
}
