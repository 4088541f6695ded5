import { duration } from '@vedette/shared/config'
import { z } from 'zod'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** The console's port is so far above the desk's where none is set: 8443 beside 7444. */
const ABOVE_DESK = 999

const HOLES = ['{z}', '{x}', '{y}']

/** Pictures of the ground, from whoever has them: the browser of who looks at the map asks there. */
const tiles = z.strictObject({
  url: z
    .string()
    .max(500)
    .refine(isTemplate, 'expected a URL with {z}, {x} and {y}, as https://HOST/{z}/{x}/{y}.png'),
  /** Whose they are, as they ask it to be said. */
  attribution: z.string().trim().min(1).max(200),
})
export type Tiles = z.output<typeof tiles>

/** Where people come in with a browser. */
export const consoleConfig = z
  .strictObject({
    host: z.string().default('127.0.0.1'),
    port: z.number().int().min(0).max(65_535).optional(),
    /** PEM files of a certificate that browsers trust; else the server shows its own. */
    certificate: z.string().optional(),
    key: z.string().optional(),
    /** Whoever does nothing for so long is signed out. */
    idle: duration
      .refine((ms) => ms >= MINUTE_MS && ms <= DAY_MS, 'expected 1m to 1d')
      .default(15 * MINUTE_MS),
    /** Nobody stays signed in for longer. */
    longest: duration
      .refine((ms) => ms >= MINUTE_MS && ms <= 30 * DAY_MS, 'expected 1m to 30d')
      .default(DAY_MS / 2),
    /** A screen on the wall, which only shows, stays for so long. */
    wall: duration
      .refine((ms) => ms >= MINUTE_MS && ms <= 400 * DAY_MS, 'expected 1m to 400d')
      .default(90 * DAY_MS),
    map: z.strictObject({ tiles: tiles.optional() }).prefault({}),
    /** Whether a code from an authenticator app is asked for beside the password. */
    secondFactor: z.enum(['off', 'optional', 'required']).default('optional'),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    path: ['key'],
    message: 'expected console.certificate and console.key, or neither',
  })

export type ConsoleConfig = z.output<typeof consoleConfig>

/** Where the console listens beside a desk at port `desk`; 0 is any port. */
export function consolePort({ port }: Pick<ConsoleConfig, 'port'>, desk: number): number {
  return port ?? (desk === 0 ? 0 : desk + ABOVE_DESK)
}

/** Of the server that gives the tiles: no other is asked for pictures. */
export function originOf({ url }: Tiles): string {
  return new URL(url).origin
}

function isTemplate(text: string): boolean {
  if (!HOLES.every((hole) => text.includes(hole)) || !URL.canParse(text)) return false
  const { protocol, username, hostname, search } = new URL(text)
  if (!/^https?:$/.test(protocol) || username !== '') return false
  // What goes into a header, or names another host for each tile, is not taken.
  return /^[\w.:[\]-]+$/.test(hostname) && !search.includes(';')
}
