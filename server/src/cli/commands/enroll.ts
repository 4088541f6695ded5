import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { messageOf, Refusal } from '@vedette/shared/errors'
import { Command, InvalidArgumentError } from 'commander'
import { FormData } from 'undici'
import { v7 as newId } from 'uuid'
import type { EnrolAnswer, Findings } from '../../gallery/enrolment-answer.ts'
import { boxesFile, saveBoxes } from '../boxes.ts'
import { globalsOf, openDesk } from '../context.ts'
import type { DeskClient } from '../desk-client.ts'
import { DeskFault } from '../desk-fault.ts'
import { addedText, answerText, findingsLines } from '../enrolment-text.ts'
import { expiryFrom } from '../expiry.ts'
import { print, say } from '../render.ts'

type Options = {
  name?: string
  list: string
  alias: string[]
  because?: string
  legalBasis?: string
  authority?: string
  case?: string
  note?: string
  expires?: number
  face: string[]
  source?: string
  taken?: string
  fromAlert?: string
  fromSighting?: string
  shot?: string
  check?: true
  anyway?: true
  skipBad?: true
  addTo?: string
  boxes?: string
}

/** The request that waits for a second person, where photographs were added. */
type Waiting = { request?: string }

const SMALL =
  'a sighting is a small picture, taken from afar: add a portrait as soon as there is one (entries add-photo)'

const collect = (one: string, all: string[]) => [...all, one]

export function enrollCommand(): Command {
  return new Command('enroll')
    .description('put a person on the list, from one or more photographs')
    .argument('[photo...]', 'JPEG, PNG or WebP, one face each')
    .option('--name <name>', 'who it is')
    .option('--list <list>', 'which list', 'wanted')
    .option('--alias <name>', 'another name, again for each', collect, [])
    .option('--because <words>', 'why this person is looked for')
    .option('--legal-basis <words>', 'the law, or the warrant, that allows it')
    .option('--authority <name>', 'whose case it is')
    .option('--case <number>', 'the number of the case')
    .option('--note <words>', 'what the operator should know')
    .option('--expires <when>', 'how long, like 30d, or to which day, like 2027-01-31', (text) =>
      expiryFrom(text),
    )
    .option(
      '--face <n>',
      'which face, counted from the left, where there are several; FILE=N for one photo',
      collect,
      [],
    )
    .option('--source <words>', 'where the photographs are from')
    .option('--taken <day>', 'when they were taken')
    .option('--from-alert <alert>', 'from the sighting of an alert, instead of a photograph')
    .option(
      '--from-sighting <sighting>',
      'from a sighting of the past that was kept with a picture',
    )
    .option('--shot <n>', 'which frame of that alert, as shown by: alerts show (1 is the first)')
    .option('--check', 'say what would be said of it, and store nothing')
    .option('--skip-bad', 'go on with the good photographs where some are not')
    .option('--add-to <entry>', 'add the photographs to a person who is on the list')
    .option('--anyway', 'though it looks like somebody on the list, or like too many people')
    .option('--boxes <file>', 'where to save the picture with the faces numbered')
    .addHelpText(
      'after',
      [
        '',
        'Examples:',
        '  vedette enroll front.jpg side.jpg --name "Jane Doe" --case 4711 --expires 30d',
        '  vedette enroll group.jpg --check                 # who is face 1, 2, 3?',
        '  vedette enroll group.jpg front.jpg --face group.jpg=2 --name "Jane Doe"',
        '  vedette enroll --from-alert ID --name "Jane Doe"',
      ].join('\n'),
    )
    .action(async (files: string[], options: Options, command: Command) => {
      const globals = globalsOf(command)
      checkOptions(files, options)
      const form = await formOf(files, options)
      await using desk = await openDesk(globals)
      if (options.fromSighting !== undefined) await addSighting(form, desk, files, options)
      try {
        const headers = { 'idempotency-key': newId() }
        const answer = await desk.json<EnrolAnswer & Waiting>(
          'POST',
          pathOf(options),
          form,
          headers,
        )
        if (options.check) await offerBoxes(files, answer, options)
        if (options.fromAlert !== undefined) say(SMALL)
        print(answer, globals, options.addTo === undefined ? answerText : addedText)
        if (answer.request !== undefined) {
          say(`the photographs match nobody before: vedette entries approve ${answer.request}`)
        }
      } catch (error) {
        if (error instanceof DeskFault && error.findings !== undefined) {
          const { code, message, hint, findings } = error
          await offerBoxes(files, findings, options)
          if (globals.json)
            print({ entry: null, code, detail: message, hint, ...findings }, globals, String)
          else say(findingsLines(findings).join('\n'))
        }
        throw error
      }
    })
}

/** Throws Refusal, before anything is sent. */
function checkOptions(
  files: readonly string[],
  { name, check, fromAlert, fromSighting, addTo, shot }: Options,
): void {
  if (files.length === 0 && fromAlert === undefined && fromSighting === undefined) {
    throw new Refusal('photo.none', 'no photograph was given', {
      hint: 'name one or more files, or a sighting with --from-alert ALERT',
    })
  }
  if (shot !== undefined && fromAlert === undefined) {
    throw new Refusal('request.invalid', '--shot says which frame of --from-alert')
  }
  if (name === undefined && check === undefined && addTo === undefined) {
    throw new Refusal('entry.invalid', 'who is it?', { hint: 'say so with --name' })
  }
}

function pathOf({ check, addTo }: Options): string {
  if (check) return '/entries/check'
  return addTo === undefined ? '/entries' : `/entries/${encodeURIComponent(addTo)}/photos`
}

async function formOf(files: readonly string[], options: Options): Promise<FormData> {
  const { alias, note, because, authority, expires, fromAlert, shot, addTo } = options
  const { general, own } = facesOf(files, options.face)
  const every = (word: string | undefined) => word && files.map(() => word).join('\n')
  const fields = {
    ...{ name: options.name, list: options.list, note, reason: because, authority, face: general },
    ...{ aliases: alias.join('\n'), legalBasis: options.legalBasis, caseNumber: options.case },
    expiresAt: expires === undefined ? undefined : String(expires),
    faces: own.join('\n'),
    sources: every(options.source),
    taken: every(options.taken),
    anyway: options.anyway && 'true',
    poor: options.skipBad && 'true',
    ...{ alert: fromAlert, shot, into: addTo },
  }
  const form = new FormData()
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined && value !== '') form.append(field, value)
  }
  for (const file of files) form.append('photo', await photoOf(file), basename(file))
  return form
}

/** Behind the photographs comes the picture of a sighting, which says where it is from. */
async function addSighting(
  form: FormData,
  desk: Pick<DeskClient, 'bytes'>,
  files: readonly string[],
  { fromSighting = '', source = '' }: Options,
): Promise<void> {
  const picture = await desk.bytes(`/past/sightings/${encodeURIComponent(fromSighting)}/picture`)
  form.append('photo', new Blob([new Uint8Array(picture)]), `sighting ${fromSighting}`)
  form.set('sources', [...files.map(() => source), `sighting ${fromSighting}`].join('\n'))
}

/** Which face: of all photographs, and of some of them. */
function facesOf(files: readonly string[], said: readonly string[]) {
  const own = files.map(() => '')
  let general: string | undefined
  for (const one of said) {
    const [, file, number] = /^(?:(.*)=)?(\d+)$/.exec(one) ?? []
    if (number === undefined) throw new InvalidArgumentError('--face: expected N, or FILE=N')
    if (file === undefined) {
      general = number
      continue
    }
    const at = files.findIndex((each) => each === file || basename(each) === file)
    if (at === -1) throw new InvalidArgumentError(`--face: there is no photograph ${file}`)
    own[at] = number
  }
  return { general, own }
}

/** Whoever must choose a face is shown which is which. */
async function offerBoxes(
  files: readonly string[],
  { photos }: Findings,
  { boxes }: Options,
): Promise<void> {
  for (const photo of photos.filter(({ faces, face }) => faces.length > 1 && face === null)) {
    const file = files[photo.photo - 1]
    if (file === undefined) continue
    const to = resolve(boxes ?? boxesFile(file))
    try {
      await saveBoxes(file, photo, to)
      say(`faces numbered in ${to}`)
    } catch (error) {
      say(`cannot save ${to}: ${messageOf(error)} (elsewhere with --boxes FILE)`)
    }
  }
}

async function photoOf(file: string): Promise<Blob> {
  const bytes = await readFile(file).catch((cause) => {
    throw new Refusal('photo.unreadable', `cannot read ${file}: ${cause.message}`, {
      cause,
      hint: 'give the path of a photograph',
    })
  })
  return new Blob([new Uint8Array(bytes)])
}
