import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { Backoff } from '@vedette/shared/backoff'
import { messageOf, Unavailable } from '@vedette/shared/errors'
import { Command } from 'commander'
import type { NamedAlert, NamedChange } from '../../desk/routes/alerts.ts'
import { globalsOf, openDesk } from '../context.ts'
import type { DeskClient } from '../desk-client.ts'
import { sideBySide } from '../picture.ts'
import { print, say, table, when } from '../render.ts'

export function alertsCommand(): Command {
  return new Command('alerts')
    .description('what the cameras found')
    .addCommand(watchCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(ackCommand())
}

function watchCommand(): Command {
  return new Command('watch')
    .description('print alerts as they come, until stopped')
    .option('--since <n>', 'also those after event number n; 0 is the first')
    .option('--count <n>', 'end after that many')
    .option('--pictures <folder>', 'save a picture of each: enrolled photo beside the sighting')
    .action(async (options: WatchOptions, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const stop = new AbortController()
      process.once('SIGINT', () => stop.abort())
      let left = options.count === undefined ? Number.POSITIVE_INFINITY : Number(options.count)
      for await (const change of follow(desk, options.since, stop.signal)) {
        print(change, globals, describe)
        if (options.pictures !== undefined && change.kind === 'raised') {
          await savePicture(desk, change.alert, join(options.pictures, `${change.alert.id}.jpg`))
        }
        if (--left <= 0) return
      }
    })
}

type WatchOptions = { since?: string; count?: string; pictures?: string }

/** Changes as they happen, resumed where the connection broke. */
async function* follow(
  desk: DeskClient,
  since: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<NamedChange> {
  const backoff = new Backoff({ base: 500, cap: 10_000, random: Math.random })
  let last = since
  let connected = false
  while (!signal.aborted) {
    try {
      const query = last === undefined ? '' : `?since=${encodeURIComponent(last)}`
      for await (const { id, data } of desk.events(`/alerts/events${query}`, signal)) {
        connected = true
        backoff.reset()
        last = id ?? last
        yield JSON.parse(data) as NamedChange
      }
      if (!signal.aborted) say('the server closed the stream; connecting again')
    } catch (error) {
      // The first attempt tells whether there is a server at all.
      if (!(error instanceof Unavailable) || !connected) throw error
      say(`${messageOf(error)}; connecting again`)
    }
    await wait(backoff.next(), undefined, { signal }).catch(() => {})
  }
}

function listCommand(): Command {
  return new Command('list')
    .description('alerts, newest first')
    .option('--state <state>', 'open or acknowledged')
    .option('--limit <n>', 'at most that many', '50')
    .action(async (options: { state?: string; limit: string }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const query = new URLSearchParams({ limit: options.limit })
      if (options.state !== undefined) query.set('state', options.state)
      print(await desk.json<NamedAlert[]>('GET', `/alerts?${query}`), globals, (alerts) =>
        table(
          ['ALERT', 'SEEN', 'NAME', 'CAMERA', 'SCORE', 'NEEDED', 'STATE'],
          alerts.map((alert) => [
            alert.id,
            when(alert.capturedAt),
            alert.name ?? '(removed)',
            `${alert.agent}/${alert.camera}`,
            alert.score.toFixed(3),
            alert.threshold.toFixed(3),
            alert.state,
          ]),
        ),
      )
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('one alert, and its picture beside the enrolled photo')
    .argument('<alert>')
    .option('--picture <file>', 'save both pictures as one JPEG')
    .action(async (id: string, options: { picture?: string }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const alert = await desk.json<NamedAlert>('GET', `/alerts/${encodeURIComponent(id)}`)
      if (options.picture !== undefined) await savePicture(desk, alert, options.picture)
      print(alert, globals, explain)
    })
}

function ackCommand(): Command {
  return new Command('ack')
    .description('take notice of an alert')
    .argument('<alert>')
    .option('--note <words>', 'what was done about it')
    .action(async (id: string, options: { note?: string }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = `/alerts/${encodeURIComponent(id)}/acknowledge`
      const alert = await desk.json<NamedAlert>('POST', path, { note: options.note ?? null })
      print(alert, globals, ({ acknowledgedBy }) => `acknowledged ${id}, by ${acknowledgedBy}`)
    })
}

async function savePicture(desk: DeskClient, alert: NamedAlert, file: string): Promise<void> {
  const [photo, chip] = await Promise.all([
    desk.bytes(`/entries/${alert.entryId}/photos/1`),
    desk.bytes(`/alerts/${alert.id}/chip`),
  ])
  await writeFile(file, await sideBySide(photo, chip))
  say(`saved ${file}`)
}

function describe({ kind, alert }: NamedChange): string {
  const { name = '(removed)', agent, camera, score, threshold } = alert
  const figures = `${score.toFixed(3)} (needed ${threshold.toFixed(3)})`
  const words = { raised: 'ALERT', improved: 'better shot', acknowledged: 'acknowledged' }[kind]
  return `${when(alert.capturedAt)}  ${words}  ${name} at ${agent}/${camera}  ${figures}  ${alert.id}`
}

function explain(alert: NamedAlert): string {
  const { name = '(removed)', list, agent, camera, score, threshold, runnerUp } = alert
  const margin = runnerUp === null ? 'nobody else on the list' : `next best ${runnerUp.toFixed(3)}`
  const taken = alert.acknowledgedAt === null ? '' : `, ${when(alert.acknowledgedAt)}`
  return [
    `name     ${name}, list ${list}`,
    `camera   ${agent}/${camera}`,
    `seen     ${when(alert.capturedAt)}, reported ${alert.receivedAt - alert.capturedAt} ms later`,
    `score    ${score.toFixed(4)}, needed ${threshold.toFixed(4)}, ${margin}`,
    `quality  ${Math.round(alert.quality * 100)} of 100, ${alert.shots} matching shots`,
    `state    ${alert.state}${alert.acknowledgedBy ? ` by ${alert.acknowledgedBy}${taken}` : ''}`,
    ...(alert.note ? [`note     ${alert.note}`] : []),
  ].join('\n')
}
