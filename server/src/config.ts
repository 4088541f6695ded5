import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { duration, parseConfig, size } from '@vedette/shared/config'
import { ConfigFault } from '@vedette/shared/errors'
import { isName } from '@vedette/shared/identity'
import { metricsConfig } from '@vedette/shared/metrics-pages'
import { z } from 'zod'
import { channelsConfig } from './channels/config.ts'
import { consoleConfig } from './desk/console-config.ts'
import { enrolmentConfig } from './gallery/limits.ts'
import { gateLimits } from './gate/limits.ts'
import { retention } from './retention/periods.ts'
import { keyPlaceText, parseKeyPlace } from './vault/key-source.ts'

/** Name of the configuration file in a deployment's home. */
export const SERVER_CONFIG = 'server.yaml'
/** Where models are installed in a deployment's home, unless its configuration says otherwise. */
export const MODELS_FOLDER = 'models'
const METRICS_PORT = 9743

const similarity = z.number().min(-1).max(1)
const port = z.number().int().min(0).max(65535)

const schema = z.strictObject({
  /** Where agents come in. */
  gate: z
    .strictObject({
      host: z.string().default('0.0.0.0'),
      port: port.default(7443),
      /** Agents that may announce alerts: of their own cameras, or of all. */
      announce: z
        .record(z.string().refine(isName, 'expected the name of an agent'), z.enum(['own', 'all']))
        .default({}),
      limits: gateLimits.prefault({}),
    })
    .prefault({}),
  /** Where channels may go, and what they need of this machine. */
  channels: channelsConfig.prefault({}),
  /** Where people come in. */
  desk: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: port.default(7444) })
    .prefault({}),
  console: consoleConfig.prefault({}),
  /** Where camera machines come in that have a join code; listens while there is one to be used. */
  join: z
    .strictObject({ host: z.string().default('0.0.0.0'), port: port.default(7445) })
    .prefault({}),
  /** How much may be enrolled. */
  enrolment: enrolmentConfig.prefault({}),
  /** What the daemon issues: to agents that renew or join, and to itself. */
  certificates: z
    .strictObject({
      /** They are renewed at two thirds of it; without the server an agent lasts the rest. */
      life: duration
        .refine((ms) => ms >= 60_000 && ms <= 90 * 86_400_000, 'expected 60s to 90d')
        .default(30 * 86_400_000),
    })
    .prefault({}),
  /** Folder of wanted.db. */
  data: z.string().default('data'),
  store: z
    .strictObject({
      /** Room kept on the disk for alerts and the record, should it be full: megabytes, 0 for none. */
      reserve: z.number().int().min(0).max(4096).default(64),
    })
    .prefault({}),
  /**
   * The key that the database is worthless without; keep a copy of it elsewhere. A file,
   * `credential:NAME` (what systemd hands over), or `passphrase:FILE`.
   */
  vaultKey: z.string().default('vault.key'),
  /** The record of what was done. */
  audit: z
    .strictObject({
      /** How far it has come is signed this often, and after so many acts. */
      heads: duration
        .refine((ms) => ms >= 1000 && ms <= 86_400_000, 'expected 1s to 1d')
        .default(3_600_000),
      headActs: z.number().int().min(1).max(1_000_000).default(10_000),
    })
    .prefault({}),
  /** How long what was kept is kept; what is due is deleted within a minute. */
  retention: retention.prefault({}),
  match: z
    .strictObject({
      /** False alerts that each camera may raise in a week, unless an operator sets another. */
      budget: z.number().min(1e-6).max(1e6).default(1),
      /** Walks past a camera in a week, as long as it was not watched for long enough. */
      walks: z.number().min(1).max(1e9).default(1000),
      /**
       * However short the list, no similarity below this is taken for a match: one number for the
       * built-in embedder, or one by model. Else it is what the model's calibration says.
       */
      floor: z.union([similarity, z.record(z.string(), similarity)]).optional(),
      /** Sightings of one person by one camera within this time are one alert. */
      cooldown: duration.default(60_000),
      /** Alerts about one person within this time of one another are one incident. */
      trail: duration.default(600_000),
    })
    .prefault({}),
  /** Whether silence is believed: every camera must show a test face now and then. */
  canary: z
    .strictObject({
      /** Between two test faces of one camera; `off`: nobody checks, and nothing is called green. */
      every: z.union([z.literal('off'), duration]).default(30_000),
      /** A camera without a test face that came through in this time is red. */
      limit: duration.default(90_000),
    })
    .refine(({ every, limit }) => every === 'off' || (every >= 1000 && limit >= 2 * every), {
      path: ['limit'],
      message: 'expected twice canary.every at least, and that one second at least',
    })
    .prefault({}),
  /**
   * Most that is kept of walks that match nobody, where a list asks for any: beyond it the oldest go.
   */
  past: z
    .strictObject({
      walks: z.number().int().min(100).max(5_000_000).default(100_000),
      size: size.default(1e9),
    })
    .prefault({}),
  /** Backups that the server takes by itself; see vedette db backup for others. */
  backup: z
    .strictObject({
      every: z.union([z.literal('off'), duration]).default('off'),
      /** On another disk, where there is one. */
      folder: z.string().default('backups'),
      /** So many stay, the newest. */
      keep: z.number().int().min(1).max(1000).default(7),
    })
    .refine(({ every }) => every === 'off' || every >= 60_000, {
      path: ['every'],
      message: 'expected off, or 60s at least',
    })
    .prefault({}),
  /** Looking through cameras. */
  live: z
    .strictObject({
      /** Whoever looks through a camera says why, or may. */
      reason: z.enum(['optional', 'required']).default('optional'),
    })
    .prefault({}),
  /** Threads for one search. */
  search: z.strictObject({ threads: z.number().int().min(1).max(64).default(2) }).prefault({}),
  models: z
    .strictObject({
      runtime: z.enum(['auto', 'onnx', 'tfjs']).default('auto'),
      threads: z.number().int().min(1).max(64).default(1),
      /** Folder of the installed models. */
      folder: z.string().default(MODELS_FOLDER),
    })
    .prefault({}),
  /** Where figures are served: /metrics, /healthz, /readyz. */
  metrics: metricsConfig(METRICS_PORT),
  /**
   * Who is asked where the address of a camera is. Off: no address and no position leaves the house.
   */
  geocode: z
    .strictObject({
      provider: z
        .enum(['off', 'openstreetmap', 'google', 'locationiq', 'mapbox', 'opencage'])
        .default('off'),
      /** A Nominatim of one's own, for openstreetmap. */
      server: z.url({ protocol: /^https?$/ }).optional(),
      /** File with the key that the provider gave, where it asks for one. */
      keyFile: z.string().optional(),
    })
    .prefault({}),
  log: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

export type ServerConfig = z.output<typeof schema> & {
  /** The folder of the deployment. */
  home: string
}

/** Parses YAML; paths are taken from the folder of `file`. Throws ConfigFault. */
export function parseServerConfig(text: string, file: string): ServerConfig {
  const config = parseConfig(text, schema, file)
  const home = resolve(dirname(file))
  return {
    ...config,
    home,
    data: resolve(home, config.data),
    backup: { ...config.backup, folder: resolve(home, config.backup.folder) },
    console: {
      ...config.console,
      ...(config.console.certificate && {
        certificate: resolve(home, config.console.certificate),
      }),
      ...(config.console.key && { key: resolve(home, config.console.key) }),
    },
    vaultKey: keyPlaceText(parseKeyPlace(config.vaultKey, (path) => resolve(home, path))),
    models: { ...config.models, folder: resolve(home, config.models.folder) },
    geocode: {
      ...config.geocode,
      ...(config.geocode.keyFile && { keyFile: resolve(home, config.geocode.keyFile) }),
    },
  }
}

/** Reads the configuration of the deployment in `home`. Throws ConfigFault. */
export async function readServerConfig(home: string): Promise<ServerConfig> {
  const file = join(home, SERVER_CONFIG)
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new ConfigFault('config.unreadable', `cannot read ${file}`, {
      cause,
      hint: 'a deployment is founded by: vedette init (or name its folder with --home)',
    })
  })
  return parseServerConfig(text, file)
}
