import { readFile, statfs } from 'node:fs/promises'
import { messageOf } from '../errors.ts'
import { runStep } from '../service/steps.ts'
import { unitState } from '../service/unit-state.ts'
import { type Check, fail, ok, warn } from './findings.ts'

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
      if (/^yes$/m.test(said)) return ok(`${now}, kept in step`)
      const todo = 'turn time synchronisation on: timedatectl set-ntp true'
      return said === ''
        ? warn(`${now}; whether it is kept in step cannot be told`, todo)
        : warn(`${now}, and nothing keeps it in step`, todo)
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
      if (bytes < LEAST_DISK.fail) return fail(found, todo)
      return bytes < LEAST_DISK.warn ? warn(found, todo) : ok(found)
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
      const found = `${Math.round((kiB * 1024) / MB)} MB available`
      const todo = 'end what else runs here, or give the machine more'
      if (kiB * 1024 < LEAST_MEMORY.fail) return fail(found, todo)
      return kiB * 1024 < LEAST_MEMORY.warn ? warn(found, todo) : ok(found)
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
        return warn('no systemd runs this machine', `something must start ${unit} and keep it up`)
      }
      const { load, active, sub, restarts, result, status } = state
      if (load === 'not-found') {
        const program = unit.replace('.service', '')
        return warn(`${unit} is not installed`, `install it: ${program} service install`)
      }
      const found = `${unit} is ${active} (${sub})${status && `: ${status}`}`
      const todo = `see why: journalctl --unit ${unit} --since -1h`
      if (active === 'failed') return fail(`${found}, it ended by ${result}`, todo)
      if (active !== 'active') return warn(found, `start it: systemctl enable --now ${unit}`)
      return restarts > MOST_RESTARTS
        ? warn(`${found}, started ${restarts} times`, todo)
        : ok(found)
    },
  }
}
