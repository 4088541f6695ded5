import type { Why } from '../cameras/state.ts'
import type { Language } from './channel.ts'
import type { Notice, ToldAlert, ToldCamera } from './notice.ts'

type Told = Notice['kind']

type Words = {
  kinds: Record<Told, string>
  certainty: Record<ToldAlert['certainty'], string>
  outcomes: Record<'true' | 'false' | 'unresolved', string>
  why: Record<Why, string>
  states: Record<ToldCamera['state'], string>
  late: string
  list: (name: string) => string
  priority: (priority: number) => string
  where: (agent: string, camera: string) => string
  seen: (time: string) => string
  camera: string
  test: string
  several: (count: number) => string
  open: string
  undecided: string
}

const EN: Words = {
  kinds: {
    new: 'Alert',
    confirmed: 'Alert confirmed by the evidence',
    escalated: 'Alert escalated: nobody has acted',
    acknowledged: 'Alert taken',
    withdrawn: 'Alert withdrawn',
    resolved: 'Alert resolved',
    reopened: 'Alert open again',
    camera: 'Camera',
    canary: 'Camera check',
    test: 'Test',
  },
  certainty: {
    provisional: 'possible match',
    confirmed: 'confirmed match',
    withdrawn: 'match withdrawn',
  },
  outcomes: {
    true: 'it was that person',
    false: 'it was somebody else',
    unresolved: 'nobody can tell',
  },
  why: {
    well: 'works all the way',
    'no-canary': 'no test face came through in time',
    away: 'its agent is not connected',
    'not-announced': 'its agent is here without it',
    blind: 'shows nothing that is worth looking at',
    troubled: 'is covered in part, moved or out of focus',
    slow: 'test faces come through late',
    missed: 'the last test face was lost',
    waiting: 'waits for its first test face',
    unchecked: 'is not checked',
  },
  states: {
    red: 'cannot be relied upon',
    amber: 'may not be relied upon',
    green: 'can be relied upon again',
  },
  late: 'seen earlier, reported late',
  list: (name) => `list ${name}`,
  priority: (priority) => `priority ${priority}`,
  where: (agent, camera) => `camera ${camera} of ${agent}`,
  seen: (time) => `seen ${time}`,
  camera: 'camera',
  test: 'This is a test of a channel of Vedette. Nobody was seen.',
  several: (count) => `${count} messages`,
  open: 'Open',
  undecided: 'two persons are as likely',
}

const DE: Words = {
  kinds: {
    new: 'Alarm',
    confirmed: 'Alarm durch weitere Bilder bestätigt',
    escalated: 'Alarm eskaliert: niemand hat reagiert',
    acknowledged: 'Alarm übernommen',
    withdrawn: 'Alarm zurückgezogen',
    resolved: 'Alarm abgeschlossen',
    reopened: 'Alarm wieder offen',
    camera: 'Kamera',
    canary: 'Kameraprüfung',
    test: 'Test',
  },
  certainty: {
    provisional: 'mögliche Übereinstimmung',
    confirmed: 'bestätigte Übereinstimmung',
    withdrawn: 'Übereinstimmung zurückgezogen',
  },
  outcomes: {
    true: 'es war diese Person',
    false: 'es war jemand anders',
    unresolved: 'nicht zu klären',
  },
  why: {
    well: 'arbeitet durchgehend',
    'no-canary': 'kein Testgesicht kam rechtzeitig an',
    away: 'ihr Agent ist nicht verbunden',
    'not-announced': 'ihr Agent meldet sich ohne sie',
    blind: 'zeigt nichts Brauchbares',
    troubled: 'ist teilweise verdeckt, verstellt oder unscharf',
    slow: 'Testgesichter kommen verspätet an',
    missed: 'das letzte Testgesicht ging verloren',
    waiting: 'wartet auf das erste Testgesicht',
    unchecked: 'wird nicht geprüft',
  },
  states: {
    red: 'ist nicht verlässlich',
    amber: 'ist vielleicht nicht verlässlich',
    green: 'ist wieder verlässlich',
  },
  late: 'früher gesehen, verspätet gemeldet',
  list: (name) => `Liste ${name}`,
  priority: (priority) => `Priorität ${priority}`,
  where: (agent, camera) => `Kamera ${camera} von ${agent}`,
  seen: (time) => `gesehen ${time}`,
  camera: 'Kamera',
  test: 'Dies ist ein Test eines Kanals von Vedette. Niemand wurde gesehen.',
  several: (count) => `${count} Meldungen`,
  open: 'Öffnen',
  undecided: 'zwei Personen sind gleich wahrscheinlich',
}

export const WORDS: Record<Language, Words> = { en: EN, de: DE }

/** What a notice is called, in a few words: no person, whatever the rules say. */
export function headline({ kind, alert, camera }: Notice, language: Language): string {
  const words = WORDS[language]
  if (alert !== undefined) {
    const urgent = alert.priority === null ? [] : [words.priority(alert.priority)]
    return [words.kinds[kind], ...urgent, words.where(alert.agent, alert.camera)].join(', ')
  }
  if (camera === undefined) return `${words.kinds.test}: Vedette`
  return `${words.where(camera.agent, camera.camera)} ${words.states[camera.state]}`
}

/** The same as sentences, with the person where the notice has one. */
export function sentences(notice: Notice, language: Language): string[] {
  const words = WORDS[language]
  const { kind, alert, camera } = notice
  if (alert !== undefined) {
    const { name, listName, list, certainty, late, outcome } = alert
    const resolved = outcome !== null && kind === 'resolved'
    return [
      headline(notice, language),
      ...(name === undefined ? [] : [name]),
      words.list(listName ?? list),
      resolved ? words.outcomes[outcome] : words.certainty[certainty],
      ...(late ? [words.late] : []),
    ]
  }
  if (camera === undefined) return [words.test]
  return [headline(notice, language), words.why[camera.why]]
}
