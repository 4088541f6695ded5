import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import type { NamedAlert, NamedChange } from '@vedette/server/desk/routes/alerts'
import { AGENT, Deployment, signal } from './demo/deployment.ts'
import type { Running } from './demo/program.ts'
import { terminalPicture } from './demo/terminal-picture.ts'
import { durationOf, EVERYBODY, isWanted, makeVideo, WANTED } from './demo/video.ts'

const CAMERA = 'entrance'
const DURATION = durationOf(EVERYBODY)
/** Time for what is still under way when the video is over, milliseconds. */
const GRACE_MS = 3000

type Seen = { alert: NamedAlert; latencyMs: number; wanted: boolean }

const once = process.argv.includes('--once')
const home = await mkdtemp(join(tmpdir(), 'vedette-demo-'))

try {
  process.exitCode = await demonstrate()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
} finally {
  if (once) await rm(home, { recursive: true, force: true })
}

async function demonstrate(): Promise<number> {
  const video = join(home, 'camera.mp4')
  tell(`making a camera's view from photographs: ${DURATION} s of people passing`)
  await makeVideo(video, EVERYBODY)

  tell('founding a throw-away deployment: certificates, vault key, configuration')
  const deployment = await Deployment.found(home)
  tell('starting the server')
  await using server = await deployment.startServer()
  const { url, name, password } = await deployment.operator()
  tell(`the control room's console: ${url}`)
  tell(`       sign in as ${name} with ${password}; its certificate is this deployment's own`)
  tell(`enrolling ${WANTED.name} from one photograph, ${WANTED.photo}`)
  await deployment.vedette('enroll', WANTED.photo, '--name', WANTED.name, '--face', WANTED.face)

  const start = signal<number>()
  const seen: Seen[] = []
  await using _watch = deployment.watch((change, latencyMs) => {
    void start.promise.then((firstFrame) => take(deployment, change, latencyMs, firstFrame, seen))
  })
  tell(`inviting the agent ${AGENT}: it makes its own key and joins by a one-time code`)
  const source = `{ kind: file, path: ${JSON.stringify(video)}, loop: ${!once} }`
  await deployment.join()
  tell('starting it on the video, over mutual TLS')
  const started = await deployment.startAgent(`  ${CAMERA}: { source: ${source} }`)
  await using agent = started.agent
  start.set(started.firstFrame)
  await Promise.race([wait(DURATION * 1000 + GRACE_MS), agent.ended(), server.ended()])
  if (!once) await untilStopped(agent, server, url)
  return report(seen)
}

async function take(
  deployment: Deployment,
  { alert, kind }: NamedChange,
  latencyMs: number,
  firstFrame: number,
  seen: Seen[],
): Promise<void> {
  if (kind === 'confirmed') tell(`CONFIRMED  ${alert.name} at ${alert.camera}, by several chips`)
  if (kind === 'withdrawn') tell(`WITHDRAWN  ${alert.name} at ${alert.camera}`)
  if (kind !== 'raised') return
  const seconds = ((alert.capturedAt - firstFrame) / 1000) % DURATION
  seen.push({ alert, latencyMs, wanted: isWanted(EVERYBODY, seconds, alert.box) })
  tell(
    `ALERT  ${alert.name} at ${alert.camera}, ${alert.certainty}, score ${alert.score.toFixed(3)}`,
  )
  tell(`       (needed ${alert.threshold.toFixed(3)}), ${latencyMs} ms after the camera saw it`)
  const file = join(once ? tmpdir() : home, 'vedette-demo-alert.jpg')
  await deployment.vedette('alerts', 'show', alert.id, '--picture', file)
  tell(`       enrolled photograph beside the sighting: ${file}`)
  if (process.stderr.isTTY) process.stderr.write(`${await terminalPicture(await readFile(file))}\n`)
}

function report(seen: readonly Seen[]): number {
  const first = seen.find(({ wanted }) => wanted)
  if (first === undefined) {
    tell('the wanted person passed and no alert came')
    return 1
  }
  const { alert, latencyMs } = first
  const strangersAlerted = seen.filter(({ wanted }) => !wanted).length
  const { name: person, camera, score } = alert
  const line = { event: 'alert', person, camera, score, latencyMs, strangersAlerted }
  process.stdout.write(`${JSON.stringify(line)}\n`)
  return strangersAlerted === 0 ? 0 : 1
}

async function untilStopped(agent: Running, server: Running, url: string): Promise<void> {
  tell('the camera goes on from the start; Ctrl-C ends the demonstration.')
  tell(`Open ${url} in a browser, or try in another terminal:`)
  tell(`       npx vedette --home ${home} alerts list`)
  tell(`       npx vedette --home ${home} agents list`)
  const stopped = new Promise((resolve) => process.once('SIGINT', resolve))
  await Promise.race([stopped, agent.ended(), server.ended()])
}

function tell(words: string): void {
  process.stderr.write(`demo: ${words}\n`)
}
