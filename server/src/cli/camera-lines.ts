import type { CameraChange } from '../cameras/cameras.ts'
import type { CameraStatus } from '../cameras/known.ts'
import type { Colour, Why } from '../cameras/state.ts'
import type { Watch } from '../desk/answered/cameras.ts'
import type { StoreStanding } from '../store/condition.ts'
import type { TroubleRecord } from '../store/troubles.ts'
import { when } from './render.ts'

const WORDS: Record<Why, string> = {
  well: 'seen to work',
  'no-canary': 'NO TEST FACE CAME THROUGH: nothing that passes it would be seen',
  away: 'its agent is away',
  'not-announced': 'its agent does not have it any more',
  blind: 'it shows nothing that is worth looking at',
  troubled: 'something is wrong with what it shows',
  slow: 'test faces come through late',
  missed: 'test faces are lost on the way',
  waiting: 'waiting for its first test face',
  unchecked: 'nobody checks whether it works',
}

const TROUBLES: Record<TroubleRecord['kind'], string> = {
  silent: 'no frames come',
  frozen: 'the picture is frozen',
  dark: 'it is dark',
  covered: 'it is covered',
  blurred: 'it is out of focus',
  moved: 'it was moved',
}

/** What is to be said of a state, in words. */
export function reasonOf({ why, troubles }: Pick<CameraStatus, 'why' | 'troubles'>): string {
  if (why !== 'blind' && why !== 'troubled') return WORDS[why]
  return troubles.map(({ kind }) => TROUBLES[kind]).join(', ') || WORDS[why]
}

/** How many cameras are in which state; what is not green by name. */
export function summary(watch: Watch): string {
  return [ofCameras(watch), ...watch.store.map(storeLine)].join('\n')
}

function ofCameras({ state, canary, cameras }: Watch): string {
  if (cameras.length === 0) return 'no camera is known yet: nothing is watched'
  const count = (colour: Colour) => cameras.filter((one) => one.state === colour).length
  const counts = (['green', 'amber', 'red'] as const)
    .filter((colour) => count(colour) > 0)
    .map((colour) => `${count(colour)} ${colour}`)
  const off = canary.every === 'off' ? '; canary.every is off: SILENCE IS NOT CHECKED' : ''
  const all = cameras.length === 1 ? '1 camera' : `${cameras.length} cameras`
  return `${state.toUpperCase()}: ${all}, ${counts.join(', ')}${off}`
}

/** What is wrong with the database, and what to do about it. */
function storeLine({ state, since, message, hint }: StoreStanding): string {
  return `${when(since)}  DATABASE ${state.toUpperCase()}  ${message}\n  ${hint}`
}

/** One line about a camera, as it is since when. */
export function cameraLine(camera: CameraStatus): string {
  const { agent, camera: name, state, stateSince } = camera
  return `${when(stateSince)}  CAMERA ${state.toUpperCase()}  ${agent}/${name}  ${reasonOf(camera)}`
}

function troubleLine({ agent, camera, kind, since, endedAt }: TroubleRecord): string {
  const what = endedAt === null ? TROUBLES[kind] : `over: ${TROUBLES[kind]}`
  return `${when(endedAt ?? since)}  camera  ${agent}/${camera}  ${what}`
}

export function changeLine(change: CameraChange): string {
  if (change.kind === 'trouble') return troubleLine(change.trouble)
  if (change.kind === 'camera') return cameraLine(change.camera)
  const { agent, camera } = change.camera
  return `${when(Date.now())}  camera  ${agent}/${camera}  forgotten`
}
