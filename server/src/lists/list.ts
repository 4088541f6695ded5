/** What being on a list is for. `wanted`: whoever is seen raises an alert. */
export const KINDS = ['wanted'] as const
export type ListKind = (typeof KINDS)[number]

/** What may be demanded of every entry of a list. */
export const DEMANDS = ['reason', 'legalBasis', 'authority', 'caseNumber', 'note'] as const
export type Demand = (typeof DEMANDS)[number]

/** Monday is 1, Sunday 7: ISO 8601. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7

/** On those days from `from` (HH:MM) until `to`, of the day after where that is not later. */
export type Span = { days: Weekday[]; from: string; to: string }

/** Wall-clock time in an IANA zone. */
export type Hours = { zone: string; spans: Span[] }

export const SOUNDS = ['repeat', 'once', 'off'] as const
export type Sound = (typeof SOUNDS)[number]

/** What holds for everybody on a list. Times are milliseconds where nothing else is said. */
export type ListPolicy = {
  name: string
  kind: ListKind
  /** #rrggbb. */
  colour: string
  /** 1 is the most urgent, 5 the least. */
  priority: number
  /** Where it applies: AGENT/CAMERA or AGENT/*; null: everywhere. */
  cameras: string[] | null
  /** When it applies; null: always. */
  hours: Hours | null
  /** Operators who see it; null: everybody whose account reaches it. */
  viewers: string[] | null
  /** 2: what makes somebody matched needs a second person. */
  approvals: 1 | 2
  /** 2: that somebody is whom they were taken for must be said by two persons. */
  confirmations: 1 | 2
  /** Whether consoles speak of an alert until somebody takes it, once, or not at all. */
  sound: Sound
  /** When consoles are silent about it; null: never. */
  quiet: Hours | null
  /** Whether boards that everybody sees show names. */
  boardNames: boolean
  /** Hours for which sightings of nobody are kept, to be searched later; 0: none are. */
  keepFor: number
  /** Pictures of them, too. */
  keepPictures: boolean
  /** An alert that nobody acts upon is escalated after it; null: as usual for the priority. */
  escalateAfter: number | null
  demands: Demand[]
  /** How long an entry lasts of which nothing else is said. */
  usualLife: number
  /** How long an entry may last without anybody looking at it again. */
  longestLife: number
}

/** People looked for in the same way. */
export type List = ListPolicy & {
  /** Stays; the name may change. */
  id: string
  createdAt: number
  /** Counts its changes. */
  version: number
}

export const DAY_MS = 86_400_000

/** What a list is of which nothing is said but its name. */
export const USUAL_POLICY: Omit<ListPolicy, 'name'> = {
  kind: 'wanted',
  colour: '#d32f2f',
  priority: 3,
  cameras: null,
  hours: null,
  viewers: null,
  approvals: 1,
  confirmations: 1,
  sound: 'repeat',
  quiet: null,
  boardNames: true,
  keepFor: 0,
  keepPictures: false,
  escalateAfter: null,
  demands: [],
  usualLife: 90 * DAY_MS,
  longestLife: 365 * DAY_MS,
}
