import { readFile, statfs } from 'node:fs/promises'
import { messageOf } from '../errors.ts'
import { runStep } from '../service/steps.ts'
import { unitState } from '../service/unit-state.ts'
import { as, type Check, fail, ok, warn } from './findings.ts'

const MB = 1_000_000
const LEAST_DISK = { fail: 200 * MB, warn: 1000 * MB }
const LEAST_MEMORY = { fail: 100 * MB, warn: 300 * MB }
const MOST_RESTARTS = 3

/** Whether the clock is kept: certificates and alerts go by it. `ask` is told what timedatectl says. */
export function clockCheck(ask = () => askTime()): Check {
  return {
    name: 'clock',
    look: async () => {
      const now = new Date().toISOString()
      const said = await ask().catch(() => '')
      if (/^yes$/m.test(said)) return ok(`${now}, kept in step`, as('doctor.clock.kept'))
      const todo = 'turn time synchronisation on: timedatectl set-ntp true'
      return said === ''
        ? warn(
            `${now}; whether it is kept in step cannot be told`,
            todo,
            as('doctor.clock.unknown'),
          )
        : warn(`${now}, and nothing keeps it in step`, todo, as('doctor.clock.loose'))
    },
  }
}

function askTime(): Promise<string> {
  return runStep({ argv: ['timedatectl', 'show', '--property=NTPSynchronized', '--value'] })
}

/** Room on the disk of `folder`; `free` gives its bytes. */
export function diskCheck(folder: string, free = freeBytes): Check {
  return {
    name: 'disk',
    look: async () => {
      const bytes = await free(folder)
      const found = `${Math.round(bytes / MB)} MB free for ${folder}`
      const todo = 'free some space there, or move it to a larger disk'
      const said = (how: 'enough' | 'little') =>
        as(`doctor.disk.${how}`, { megabytes: Math.round(bytes / MB), folder })
      if (bytes < LEAST_DISK.fail) return fail(found, todo, said('little'))
      return bytes < LEAST_DISK.warn ? warn(found, todo, said('little')) : ok(found, said('enough'))
    },
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Memory that a program could still have. */
export function memoryCheck(read = () => readFile('/proc/meminfo', 'utf8')): Check {
  return {
    name: 'memory',
    look: async () => {
      const text = await read()
      const kiB = Number(/^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1])
      const megabytes = Math.round((kiB * 1024) / MB)
      const found = `${megabytes} MB available`
      const said = (how: 'enough' | 'little') => as(`doctor.memory.${how}`, { megabytes })
      const todo = 'end what else runs here, or give the machine more'
      if (kiB * 1024 < LEAST_MEMORY.fail) return fail(found, todo, said('little'))
      return kiB * 1024 < LEAST_MEMORY.warn
        ? warn(found, todo, said('little'))
        : ok(found, said('enough'))
    },
  }
}

/** How systemd sees the service. */
export function unitCheck(unit: string, ask = unitState): Check {
  return {
    name: 'service',
    look: async () => {
      const state = await ask(unit).catch((error) => messageOf(error))
      if (typeof state === 'string') {
        const todo = `something must start ${unit} and keep it up`
        return warn('no systemd runs this machine', todo, as('doctor.service.bare', { unit }))
      }
      const { load, active, sub, restarts, result, status } = state
      if (load === 'not-found') {
        const program = unit.replace('.service', '')
        const todo = `install it: ${program} service install`
        return warn(
          `${unit} is not installed`,
          todo,
          as('doctor.service.missing', { unit, program }),
        )
      }
      const found = `${unit} is ${active} (${sub})${status && `: ${status}`}`
      const todo = `see why: journalctl --unit ${unit} --since -1h`
      if (active === 'failed') {
        return fail(
          `${found}, it ended by ${result}`,
          todo,
          as('doctor.service.failed', { unit, result }),
        )
      }
      if (active !== 'active') {
        const start = `start it: systemctl enable --now ${unit}`
        return warn(found, start, as('doctor.service.stopped', { unit }))
      }
      return restarts > MOST_RESTARTS
        ? warn(
            `${found}, started ${restarts} times`,
            todo,
            as('doctor.service.restarted', { unit, restarts }),
          )
        : ok(found, as('doctor.service.up', { unit }))
    },
  }
}
