import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { placeText } from '@vedette/shared/place'
import { Command, Option } from 'commander'
import type { NamedAlert, NamedChange } from '../../desk/named.ts'
import type { EvidenceFrame } from '../../store/evidence.ts'
import { globalsOf, openDesk } from '../context.ts'
import type { DeskClient } from '../desk-client.ts'
import { follow, tell } from '../follow.ts'
import { sideBySide } from '../picture.ts'
import { print, say, table, when } from '../render.ts'
import { reported } from '../reported.ts'

export function alertsCommand(): Command {
  return new Command('alerts')
    .description('what the cameras found')
    .addCommand(watchCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(ackCommand())
    .addCommand(rejectCommand())
}

function watchCommand(): Command {
  return new Command('watch')
    .description('print alerts as they come, and cameras that cannot be relied upon, until stopped')
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
        if (!('alert' in change)) {
          tell(change, globals)
          continue
        }
        print(change, globals, describe)
        if (options.pictures !== undefined && change.kind === 'raised') {
          await savePicture(desk, change.alert, join(options.pictures, `${change.alert.id}.jpg`))
        }
        if (--left <= 0) return
      }
    })
}

type WatchOptions = { since?: string; count?: string; pictures?: string }

function listCommand(): Command {
  return new Command('list')
    .description('alerts, newest first')
    .addOption(new Option('--state <state>').choices(['open', 'acknowledged', 'rejected']))
    .option('--incident <id>', 'only those of one incident')
    .option('--limit <n>', 'at most that many', '50')
    .action(async (options: ListOptions, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const query = new URLSearchParams({ limit: options.limit })
      if (options.state !== undefined) query.set('state', options.state)
      if (options.incident !== undefined) query.set('incident', options.incident)
      print(await desk.json<NamedAlert[]>('GET', `/alerts?${query}`), globals, (alerts) =>
        table(
          ['ALERT', 'SEEN', 'REPORTED', 'NAME', 'CAMERA', 'SCORE', 'NEEDED', 'EVIDENCE', 'STATE'],
          alerts.map((alert) => [
            alert.id,
            when(alert.capturedAt),
            reported(alert),
            nameOf(alert),
            `${alert.agent}/${alert.camera}`,
            alert.score.toFixed(3),
            alert.threshold.toFixed(3),
            alert.certainty,
            alert.state,
          ]),
        ),
      )
    })
}

type ListOptions = { state?: string; incident?: string; limit: string }

function showCommand(): Command {
  return new Command('show')
    .description('one alert, its frames, and its picture beside the enrolled photo')
    .argument('<alert>')
    .option('--picture <file>', 'save both pictures as one JPEG')
    .option('--frames <folder>', 'save the picture of every frame it rests on')
    .action(async (id: string, options: ShowOptions, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = `/alerts/${encodeURIComponent(id)}`
      const alert = await desk.json<NamedAlert>('GET', path)
      const frames = await desk.json<EvidenceFrame[]>('GET', `${path}/frames`)
      if (options.picture !== undefined) await savePicture(desk, alert, options.picture)
      for (const [i, { track, shot }] of options.frames === undefined ? [] : frames.entries()) {
        const file = join(options.frames!, `${id}-${i + 1}.jpg`)
        const name = `${encodeURIComponent(track)}/${shot}`
        await writeFile(file, await desk.bytes(`${path}/frames/${name}`))
        say(`saved ${file}`)
      }
      print({ ...alert, frames }, globals, explain)
    })
}

type ShowOptions = { picture?: string; frames?: string }

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

function rejectCommand(): Command {
  return new Command('reject')
    .description('"not him": the person seen is somebody else, and is told apart from now on')
    .argument('<alert>')
    .option('--note <words>', 'how you know')
    .addHelpText('after', '\nUndone by: vedette rejections undo ID')
    .action(async (id: string, options: { note?: string }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = `/alerts/${encodeURIComponent(id)}/reject`
      const alert = await desk.json<NamedAlert>('POST', path, { note: options.note ?? null })
      print(alert, globals, () => `rejected ${id}: it is not ${nameOf(alert)}`)
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

/** Equals give no name. */
export function nameOf({ name, either }: NamedAlert): string {
  return either === undefined ? (name ?? '(removed)') : `${either.join(' or ')}?`
}

const WORDS: Record<NamedChange['kind'], string> = {
  raised: 'ALERT',
  improved: 'better shot',
  confirmed: 'CONFIRMED',
  withdrawn: 'WITHDRAWN',
  current: 'IS THERE NOW',
  acknowledged: 'acknowledged',
  rejected: 'not him',
  restored: 'rejection undone',
}

function describe({ kind, alert, frame }: NamedChange): string {
  const { agent, camera, score, threshold, certainty } = alert
  const figures = `${score.toFixed(3)} (needed ${threshold.toFixed(3)})`
  const because = kind === 'withdrawn' && frame ? `, because of frame ${frame.shot + 1}` : ''
  const sure = kind === 'raised' ? ` ${certainty}` : ''
  const was = alert.late ? `WAS, NOT IS (reported ${reported(alert)}): ` : ''
  const what = `${was}${WORDS[kind]}${sure}${because}`
  const where = alert.place === null ? '' : ` (${placeText(alert.place)})`
  return `${when(alert.capturedAt)}  ${what}  ${nameOf(alert)} at ${agent}/${camera}${where}  ${figures}  ${alert.id}`
}

function explain(alert: NamedAlert & { frames: EvidenceFrame[] }): string {
  const { list, agent, camera, score, threshold, runnerUp, frames } = alert
  const margin = runnerUp === null ? 'nobody else on the list' : `next best ${runnerUp.toFixed(3)}`
  const taken = alert.acknowledgedAt === null ? '' : `, ${when(alert.acknowledgedAt)}`
  return [
    `name     ${nameOf(alert)}, list ${list}`,
    `camera   ${agent}/${camera}`,
    ...(alert.place === null ? [] : [`place    ${placeText(alert.place)}`]),
    `seen     ${when(alert.capturedAt)}${alert.late ? ', WAS, NOT IS' : ''}`,
    `reported ${when(alert.receivedAt)}, ${reported(alert)}`,
    `score    ${score.toFixed(4)}, needed ${threshold.toFixed(4)}, ${margin}`,
    `evidence ${alert.certainty}, ${alert.shots} matching shots`,
    ...frames.map(frameLine),
    `quality  ${Math.round(alert.quality * 100)} of 100`,
    `state    ${alert.state}${alert.acknowledgedBy ? ` by ${alert.acknowledgedBy}${taken}` : ''}`,
    `incident ${alert.incident}`,
    ...(alert.note ? [`note     ${alert.note}`] : []),
  ].join('\n')
}

function frameLine({ capturedAt, shot, chips, score, threshold, quality }: EvidenceFrame): string {
  const place = score >= threshold ? 'reaches' : 'is below'
  const of = chips === 1 ? 'one chip' : `${chips} chips together`
  return `         ${when(capturedAt)}  frame ${shot + 1}: ${of} ${score.toFixed(4)}, ${place} ${threshold.toFixed(4)}, quality ${Math.round(quality * 100)}`
}
