import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { ConfigFault, Unavailable } from '../errors.ts'

/** One program to run, and what it reads on its standard input. */
export type Step = { argv: readonly [string, ...string[]]; input?: string }

export type InstallOptions = {
  /** Name of the unit, with `.service`. */
  name: string
  text: string
  user: string
  /** Folder of state; it will be the user's. */
  state: string
  /** What lies in it already and must become the user's; secrets that systemd hands over must not. */
  owned: readonly string[]
  /** Contents of /etc/passwd: whether the user must be made. */
  passwd: string
  start: boolean
}

const UNITS = '/etc/systemd/system'

/** What an administrator would type to install a unit by hand. */
export function installSteps(options: InstallOptions): Step[] {
  const { name, text, user, state, owned, passwd, start } = options
  const known = new RegExp(`^${user}:`, 'm').test(passwd)
  const nobody = ['--no-create-home', '--home-dir', state, '--shell', '/usr/sbin/nologin']
  return [
    ...(known ? [] : [step('useradd', '--system', '--user-group', ...nobody, user)]),
    step('install', '-d', '-o', user, '-g', user, '-m', '0750', state),
    ...(owned.length > 0 ? [step('chown', '-R', `${user}:${user}`, ...owned)] : []),
    { argv: ['install', '-m', '0644', '/dev/stdin', `${UNITS}/${name}`], input: text },
    step('systemctl', 'daemon-reload'),
    ...(start ? [step('systemctl', 'enable', name), step('systemctl', 'restart', name)] : []),
  ]
}

/** Data, configuration and user stay. */
export function uninstallSteps(name: string): Step[] {
  return [
    step('systemctl', 'disable', '--now', name),
    step('rm', '-f', `${UNITS}/${name}`),
    step('systemctl', 'daemon-reload'),
  ]
}

/** As it would be typed. */
export function typed({ argv, input }: Step): string {
  const words = argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(' ')
  return input === undefined ? words : `${words} <<'END'\n${input}END`
}

/** Runs the steps one after the other. Throws ConfigFault `config.denied`, Unavailable `service.failed`. */
export async function runSteps(steps: readonly Step[], uid: number | undefined): Promise<void> {
  if (uid !== 0) {
    throw new ConfigFault('config.denied', 'only root may install or remove a service', {
      hint: 'use sudo, or look at what it would do with --dry-run',
    })
  }
  for (const one of steps) await runStep(one)
}

/** What the program printed. Throws Unavailable `service.failed`. */
export async function runStep({ argv, input = '' }: Step): Promise<string> {
  const [program, ...args] = argv
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(child, 'close').catch((error: Error) => [error.message])
  child.stdin.on('error', () => {}) // it ended without reading: its status says why
  child.stdin.end(input)
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  if (status === 0) return out
  throw new Unavailable('service.failed', `${argv.join(' ')}: ${err.trim() || status}`, {
    hint: 'is this a machine that systemd runs? see the steps with --dry-run',
  })
}

function step(program: string, ...args: string[]): Step {
  return { argv: [program, ...args] }
}

/** Throws ConfigFault for a program where a service that sees no homes does not find it. */
export function refuseHidden(exec: readonly string[]): void {
  const hidden = exec.find((path) => /^\/(root|home|run\/user|tmp|var\/tmp)\//.test(path))
  if (hidden === undefined) return
  throw new ConfigFault('config.invalid', `a service does not see ${hidden}`, {
    hint: 'install the Debian package, or put the program below /opt or /srv',
  })
}
