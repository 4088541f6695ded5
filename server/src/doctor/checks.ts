import { X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { certsLayout } from '@vedette/certs/files'
import { modelsCheck } from '@vedette/models/doctor'
import { readCredentials } from '@vedette/shared/credentials'
import { certificateCheck, secretCheck } from '@vedette/shared/doctor/files'
import { as, type Check, type Finding, fail, ok, warn } from '@vedette/shared/doctor/findings'
import { clockCheck, diskCheck, memoryCheck, unitCheck } from '@vedette/shared/doctor/machine'
import { codeOf } from '@vedette/shared/errors'
import { dialOptions, lookOptions } from '@vedette/shared/tls'
import { readServerConfig, type ServerConfig } from '../config.ts'
import { readShown } from '../desk/console-certificate.ts'
import { consolePort } from '../desk/console-config.ts'
import { SERVER_UNIT } from '../service/unit.ts'
import { adviceFor, type ListFacts } from '../spaces/advice.ts'
import { inspectDatabase } from '../store/inspect.ts'
import { Vault } from '../store/vault.ts'
import { type KeyPlace, parseKeyPlace } from '../vault/key-source.ts'

const PATIENCE_MS = 5000

/**
 * What a server that runs can look at from within, at once, without keeping anybody waiting: not whether
 * the database and the models are whole, nor who answers at its ports.
 */
export function checksFromWithin(
  { home, vaultKey, console }: Pick<ServerConfig, 'home' | 'vaultKey' | 'console'>,
  list: ListFacts,
  now: number,
): Check[] {
  const own = certsLayout(home).credentials({ role: 'server', name: '' })
  const configuration = async () => {
    await readServerConfig(home)
    return ok(join(home, 'server.yaml'), as('doctor.configuration.good'))
  }
  return [
    { name: 'configuration', look: configuration },
    ...[clockCheck(), memoryCheck(), unitCheck(SERVER_UNIT), diskCheck(home)],
    certificateCheck('certificate', own, now),
    secretCheck('key of the certificate', join(own, 'key.pem')),
    ...vaultChecks(parseKeyPlace(vaultKey, (path) => path)),
    { name: 'list', look: async () => listFinding(list) },
    ...shownCheck({ console }, now),
  ]
}

/** Everything that can be wrong with the deployment in `home`. */
export async function serverChecks(home: string, now: number): Promise<Check[]> {
  const config = await readServerConfig(home).catch((error: Error) => error)
  const machine = [clockCheck(), memoryCheck(), unitCheck(SERVER_UNIT)]
  if (config instanceof Error) {
    const look = async () => {
      throw config
    }
    return [{ name: 'configuration', look }, ...machine]
  }
  const { home: place, data, vaultKey, gate, desk, models } = config
  const own = certsLayout(place).credentials({ role: 'server', name: '' })
  return [
    { name: 'configuration', look: async () => ok(join(place, 'server.yaml')) },
    ...machine,
    diskCheck(place),
    certificateCheck('certificate', own, now),
    secretCheck('key of the certificate', join(own, 'key.pem')),
    ...vaultChecks(parseKeyPlace(vaultKey, (path) => path)),
    databaseCheck(data),
    listCheck(data),
    modelsCheck(models.folder),
    portCheck('gate', gate, own),
    portCheck('desk', desk, own),
    consoleCheck(config, own),
    ...shownCheck(config, now),
  ]
}

/** Without it nobody reads the database. */
function vaultChecks(place: KeyPlace): Check[] {
  const read = async () => {
    if (place.kind === 'credential') {
      return ok(`the service is handed ${place.name}`, as('doctor.vault.credential'))
    }
    if (place.kind === 'passphrase') {
      return ok('a passphrase closes it; is there a copy elsewhere?', as('doctor.vault.passphrase'))
    }
    await Vault.open(place.path)
    return ok('it can be read; is there a copy elsewhere?', as('doctor.vault.file'))
  }
  const check: Check = { name: 'vault key', look: read }
  if (place.kind === 'credential') return [check]
  return [secretCheck('mode of the vault key', place.path), check]
}

/** Whether wanted.db is whole, and of this version of the program. */
export function databaseCheck(data: string): Check {
  return {
    name: 'database',
    look: async () => {
      const file = join(data, 'wanted.db')
      const size = await stat(file).catch(() => undefined)
      if (size === undefined) return warn(`there is no ${file} yet`, 'the server makes it')
      const { made, known, journal } = inspectDatabase(file)
      const todo = 'install the version of Vedette that wrote it'
      if (made > known) return fail(`${file} is of a newer version (${made} > ${known})`, todo)
      const about = `whole, ${Math.round(size.size / 1e6)} MB, ${journal}`
      if (made === known) return ok(about)
      return warn(`${about}, of an older version`, 'start the server: it brings it up to date')
    },
  }
}

/** Whether the list is longer than its model can tell apart. */
function listCheck(data: string): Check {
  return {
    name: 'list',
    look: async () => {
      const file = join(data, 'wanted.db')
      if ((await stat(file).catch(() => undefined)) === undefined) return ok('nobody is on it yet')
      const { entries, templates, space = '' } = inspectDatabase(file)
      return listFinding({ entries, templates, space })
    },
  }
}

function listFinding(facts: ListFacts): Omit<Finding, 'check'> {
  const { entries, templates } = facts
  const advice = adviceFor(facts)
  const said = as(`doctor.list.${advice ? 'long' : 'short'}`, { entries, templates })
  if (advice !== undefined) return warn(advice.message, advice.hint, said)
  return ok(`${entries} entries with ${templates} templates`, said)
}

/** Whether the server itself answers at a port of its configuration. */
export function portCheck(
  name: 'gate' | 'desk' | 'console',
  { host, port }: ServerConfig['desk'],
  own: string,
): Check {
  return {
    name,
    look: async () => {
      const credentials = await readCredentials(own)
      const at = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
      const said = await dial(at, port, dialOptions(credentials, { role: 'server' }))
      const where = `${at}:${port}`
      if (said === 'ok') return ok(`the server answers at ${where}`)
      if (said === 'ECONNREFUSED') {
        return warn(`nothing answers at ${where}`, 'start the server: vedette-server')
      }
      const todo = `see what it is: ss -ltnp 'sport = :${port}'`
      return fail(`something else answers at ${where} (${said})`, todo)
    },
  }
}

/** Whether the console answers, with whatever certificate it is to show. */
function consoleCheck({ console, desk }: ServerConfig, own: string): Check {
  const port = consolePort(console, desk.port)
  if (console.certificate === undefined) return portCheck('console', { ...console, port }, own)
  return {
    name: 'console',
    look: async () => {
      const shown = await readShown(console)
      const at = console.host === '0.0.0.0' || console.host === '::' ? '127.0.0.1' : console.host
      const said = await shownAt(at, port)
      if (said === 'ECONNREFUSED') {
        return warn(`nothing answers at ${at}:${port}`, 'start the server: vedette-server')
      }
      const mine = new X509Certificate(shown?.chain ?? '').fingerprint256
      if (said === mine) return ok(`the server answers at ${at}:${port}`)
      const todo = `restart or reload the server, or see what it is: ss -ltnp 'sport = :${port}'`
      return fail(`another certificate is shown at ${at}:${port}`, todo)
    },
  }
}

/** How long the certificate that the configuration names for browsers is still good. */
function shownCheck({ console }: Pick<ServerConfig, 'console'>, now: number): Check[] {
  if (console.certificate === undefined) return []
  const look = async () => {
    const shown = await readShown(console)
    const { validTo } = new X509Certificate(shown?.chain ?? '')
    const days = Math.floor((Date.parse(validTo) - now) / 86_400_000)
    const todo = 'put a new one at console.certificate and console.key, then reload: SIGHUP'
    const said = (how: 'good' | 'soon' | 'expired') =>
      as(`doctor.shown.${how}`, { days: Math.abs(days) })
    if (days < 0) return fail(`expired on ${validTo}`, todo, said('expired'))
    return days < 14
      ? warn(`expires in ${days} days`, todo, said('soon'))
      : ok(`good for ${days} days`, said('good'))
  }
  return [{ name: 'certificate of the console', look }]
}

/** The fingerprint of what is shown there, or what went wrong. */
function shownAt(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ ...lookOptions(), host, port })
    const end = (said: string) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(said)
    }
    const timer = setTimeout(() => end('no answer in time'), PATIENCE_MS)
    socket.on('error', (error) => end(codeOf(error)))
    socket.once('secureConnect', () => end(socket.getPeerX509Certificate()?.fingerprint256 ?? ''))
  })
}

/** `ok` where the peer shows a certificate that counts, else what went wrong. */
function dial(host: string, port: number, options: object): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ ...options, host, port })
    const end = (said: string) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(said)
    }
    const timer = setTimeout(() => end('no answer in time'), PATIENCE_MS)
    socket.on('error', (error) => end(codeOf(error)))
    socket.once('secureConnect', () => end('ok'))
  })
}
