import { writeFile } from 'node:fs/promises'
import process from 'node:process'
import { Command, InvalidArgumentError } from 'commander'
import { parseServerConfig } from '../../config.ts'
import { castOf } from '../../evaluate/video/cast.ts'
import type { AlertResult, ClipResult, VideoResult } from '../../evaluate/video/judge.ts'
import { findAgent } from '../../evaluate/video/replayed.ts'
import { evaluateVideo } from '../../evaluate/video/run.ts'
import { timeline } from '../../evaluate/video/timeline.ts'
import { parseTruth } from '../../evaluate/video/truth.ts'
import { count, textOf } from '../arguments.ts'
import { globalsOf } from '../context.ts'
import { EXIT } from '../exit.ts'
import { Progress } from '../progress.ts'
import { print, say, table } from '../render.ts'

type Options = {
  enroll: string[]
  clip: string[]
  truth?: string
  threshold?: number
  floor?: number
  budget?: number
  fps: number
  threads: number
  plot?: string
}

const HELP = `
A clip is a camera of its own. Truth is CSV under the header clip,name or clip,name,from,to (seconds); a
row without a name says that the clip shows nobody enrolled. Nothing is kept.

Example:
  vedette evaluate video --enroll jane=front.jpg,side.jpg --enroll joe=group.jpg#2 \\
    --clip monday.mp4 tuesday.mp4 --truth who.csv --plot days.svg`

export function videoCommand(usualThreads: number): Command {
  return new Command('video')
    .description('hits, misses, false alerts and time to alert on video of your own')
    .requiredOption(
      '--enroll <name=photo...>',
      'who is on the list: NAME=PHOTO[,PHOTO…] or NAME=DIR',
    )
    .requiredOption('--clip <file...>', 'video files')
    .option('--truth <file>', 'who is to be seen; without it alerts are counted, not judged')
    .option(
      '--threshold <s>',
      'similarity that is a match (default: as a new server decides)',
      share,
    )
    .option('--floor <s>', 'as match.floor in server.yaml', share)
    .option('--budget <n>', 'false alerts a week, as match.budget in server.yaml', alerts)
    .option('--fps <n>', 'frames looked at in a second', rate, 5)
    .option('--threads <n>', 'clips looked at side by side', count, usualThreads)
    .option('--plot <file>', 'also draw a timeline, as SVG')
    .addHelpText('after', HELP)
    .action(async (options: Options, command: Command) => {
      const { enroll, truth: truthFile, fps, threads, plot } = options
      const clips = [...new Set(options.clip)]
      const program = findAgent(process.env.VEDETTE_AGENT, process.env.PATH ?? '')
      const truth =
        truthFile === undefined ? undefined : parseTruth(await textOf(truthFile), truthFile, clips)
      if (truth === undefined) say('no --truth: alerts are counted, nobody says which are right')
      const cast = await castOf(enroll)
      const stop = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => stop.abort())
      }
      const { show: onProgress } = new Progress('clips seen')
      const { signal } = stop
      const deciding = decidingOf(options)
      try {
        const result = await evaluateVideo({
          ...{ cast, clips, truth, deciding, program, fps, threads, signal, onProgress },
        })
        if (plot !== undefined) {
          await writeFile(plot, await timeline(result.clips))
          say(`drawn to ${plot}`)
        }
        print({ kind: 'video', ...result }, globalsOf(command), videoText)
      } catch (error) {
        if (!signal.aborted) throw error
        say('interrupted')
        process.exitCode = EXIT.interrupted
      }
    })
}

/** As a new server would decide, but for what was named. */
function decidingOf({ threshold, floor, budget }: Options) {
  const { floor: _none, ...match } = parseServerConfig('{}', 'server.yaml').match
  return {
    ...match,
    ...(floor !== undefined && { floor }),
    ...(budget !== undefined && { budget }),
    ...(threshold !== undefined && { threshold }),
  }
}

function videoText(result: VideoResult): string {
  const { clips, cameraHours, walks, alerts, certainty, alertsPerWalk, judged } = result
  const { provisional, confirmed, withdrawn } = certainty
  const lines = [
    `${clips.length} clips, ${significant(cameraHours)} camera-hours, ${walks} walks, ${alerts} alerts`,
    `(${provisional} provisional, ${confirmed} confirmed, ${withdrawn} withdrawn)`,
    '',
    table(['clip', 'seconds', 'walks', 'alerts', 'found', 'missed', 'false'], clips.map(clipRow)),
    '',
    table(
      ['alert', 'clip', 'at', 'score', 'needed', 'evidence', ''],
      clips.flatMap(({ clip, alerts: own }) => own.map((alert) => alertRow(clip, alert))),
    ),
  ]
  if (judged !== undefined) {
    const { hits, misses, people, falseAlerts, falseWithdrawn } = judged
    const [low, high] = judged.falsePerCameraHourInterval.map(significant)
    lines.push(
      '',
      table(
        ['person', 'times there', 'found', 'time to alert'],
        people.map(({ name, appearances, hits: found, timeToAlert }) => [
          name,
          String(appearances),
          String(found),
          time(timeToAlert),
        ]),
      ),
      '',
      `found ${hits} of ${hits + misses}, after ${time(judged.timeToAlert)} (median)`,
      `${falseAlerts} false alerts, ${falseWithdrawn} of them taken back: ` +
        `${significant(judged.falsePerCameraHour)} in a camera-hour (90 %: ${low} to ${high})`,
    )
  }
  if (alertsPerWalk !== null)
    lines.push(`${significant(alertsPerWalk)} alerts for each person found`)
  return lines.join('\n')
}

function clipRow({ clip, seconds, walks, alerts, appearances }: ClipResult): string[] {
  const judged = (value: number) => (appearances === undefined ? '-' : String(value))
  const hits = appearances?.filter(({ hit }) => hit).length ?? 0
  return [
    clip,
    seconds.toFixed(1),
    String(walks),
    String(alerts.length),
    judged(hits),
    judged((appearances?.length ?? 0) - hits),
    judged(alerts.filter(({ right }) => right === false).length),
  ]
}

function alertRow(clip: string, alert: AlertResult): string[] {
  const { name, rival, raisedAt, score, threshold, certainty, right } = alert
  return [
    rival === null ? name : `${name} or ${rival}`,
    clip,
    `${raisedAt.toFixed(1)} s`,
    score.toFixed(3),
    threshold.toFixed(3),
    certainty,
    right === false ? 'FALSE' : '',
  ]
}

function time(seconds: number | null): string {
  return seconds === null ? '-' : `${seconds.toFixed(1)} s`
}

function significant(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function share(text: string): number {
  return between(text, -1, 1)
}

function rate(text: string): number {
  return between(text, 0.1, 30)
}

function alerts(text: string): number {
  return between(text, 1e-6, 1e6)
}

function between(text: string, least: number, most: number): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= least && value <= most) return value
  throw new InvalidArgumentError(`expected a number from ${least} to ${most}`)
}
