import { copyFile, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import process from 'node:process'
import { EVERYBODY, makeVideo, WANTED } from '../demo/video.ts'
import type { Deb } from './deb.ts'
import { tryForeign } from './foreign.ts'
import { Machine } from './machine.ts'
import { run, tell } from './run.ts'

const AGENT = 'north-gate'
const BROKEN = 'gate: [never closed'

/** The console's page, as a browser gets it. */
const ASKED =
  'fetch("https://127.0.0.1:8443/").then(async (a) => console.log(a.status, await a.text()))'
const PAGE = fetched(ASKED)

/** Somebody signs in there, as the page does it. */
const NAME = 'nora'
const PASSWORD = 'nine grey otters paddle'
const HEADERS =
  '{ "content-type": "application/json", origin: "https://127.0.0.1:8443", "sec-fetch-site": "same-origin" }'
const SIGNED_IN = fetched(
  `fetch("https://127.0.0.1:8443/api/session", { method: "POST", headers: ${HEADERS},` +
    ` body: JSON.stringify({ name: "${NAME}", password: "${PASSWORD}" }) })` +
    '.then(async (a) => console.log(a.status, await a.text()))',
)

function fetched(script: string): string {
  return `NODE_TLS_REJECT_UNAUTHORIZED=0 /usr/lib/vedette-server/node -e '${script}'`
}

/** What was measured, milliseconds where it is a time. */
export type TrialFigures = Record<string, number | string>

/**
 * Installs the packages in a Debian of their own, founds a deployment, starts both as services, sees
 * an alert, stops the server's clockwork, reloads, upgrades, removes and purges. Throws at the first
 * thing that is not as it must be. Packages for another processor are run as far as its emulator goes.
 */
export async function tryPackages(debs: readonly Deb[], cache: string): Promise<TrialFigures> {
  if (process.getuid?.() !== 0)
    throw new Error('the trial makes a Debian of its own: run it as root')
  const figures: TrialFigures = {}
  const native = debs.filter(({ arch }) => arch === 'amd64')
  for (const deb of debs.filter(({ arch }) => arch !== 'amd64')) {
    figures[`${deb.name} ${deb.arch}`] = await tryForeign(deb, cache)
  }
  await using machine = await Machine.make(cache)
  await install(machine, native, figures)
  tell('starting the machine: systemd in namespaces of its own, without a network')
  await machine.boot()
  try {
    await found(machine)
    await serve(machine, figures)
    await alert(machine, figures)
    await hang(machine, 'vedette-server', figures)
    await hang(machine, 'vedette-agent', figures)
    await reload(machine)
    await stop(machine, figures)
    await upgrade(machine, native, figures)
    await purge(machine, figures)
  } catch (error) {
    process.stderr.write(await machine.call('journalctl -o cat -n 60 || true'))
    throw error
  }
  return figures
}

async function install(machine: Machine, debs: readonly Deb[], figures: TrialFigures) {
  tell('installing systemd and what the packages depend on')
  await mkdir(join(machine.root, 'packages'), { recursive: true })
  for (const { file } of debs) await copyFile(file, join(machine.root, 'packages', basename(file)))
  await machine.install(
    'apt-get update -qq; apt-get install -y -qq --no-install-recommends systemd dbus ffmpeg',
  )
  tell('installing the packages')
  const before = await files(machine)
  const began = performance.now()
  await machine.install('dpkg --install /packages/*.deb')
  figures.installMs = Math.round(performance.now() - began)
  const enabled = await machine.install(
    'systemctl is-enabled vedette-server.service vedette-agent.service || true',
  )
  expect(enabled, /^disabled\ndisabled\n$/, 'nothing is enabled before it is configured')
  const owned = await machine.install("stat -c '%U %a' /var/lib/vedette /var/lib/vedette-agent")
  expect(owned, /^vedette 750\nvedette-agent 750\n$/, 'state belongs to its user alone')
  figures.filesInstalled = (await files(machine)).length - before.length
}

/** As an administrator would: the README's commands, as root. */
async function found(machine: Machine) {
  tell('founding a deployment')
  await machine.call(
    `VEDETTE_PASSPHRASE='for this trial only' vedette init --name control --operator admin`,
  )
  const modes = await machine.call("stat -c '%U %a' /var/lib/vedette/certs/server/key.pem")
  expect(modes, /^vedette 600$/m, 'the key belongs to the daemon')
  await machine.call('chown root:root /var/lib/vedette/vault.key')
  await copyFile(WANTED.photo, join(machine.root, 'packages/wanted.jpg'))
}

function agentYaml(log: string): string {
  return `server: { host: 127.0.0.1 }
credentials: credentials
cameras: { door: { source: { kind: file, path: camera.mp4, loop: true } } }
log: ${log}
`
}

async function serve(machine: Machine, figures: TrialFigures) {
  tell('starting the server as a service')
  await start(machine, 'vedette-server', figures)
  const shown = await machine.call('vedette-server service status')
  expect(shown, /active \(running\)[\s\S]*says {6}serving/, 'the service says how it does')
  tell('the console is opened')
  const page = await machine.call(PAGE)
  expect(page, /^200 [\s\S]*<script type="module"[^>]* src="\/assets\//, 'the page is there')
  await machine.write('packages/password', PASSWORD)
  await machine.call(
    `vedette users add ${NAME} --role operator --no-certificate --new-password-file /packages/password`,
  )
  expect(await machine.call(SIGNED_IN), /^200 .*"name":"nora"/, 'whoever has a password signs in')
  tell('an agent joins by a code, and is started')
  const code = (await machine.call(`vedette agents invite ${AGENT} --server 127.0.0.1`)).trim()
  const joined = await machine.call(`vedette-agent join ${code}`)
  expect(joined, /joined {7}north-gate, welcome at/, 'the agent was welcome')
  const modes = await machine.call("stat -c '%U %a' /var/lib/vedette-agent/credentials/key.pem")
  expect(modes, /^vedette-agent 600$/m, 'its key belongs to the agent')
  await makeVideo(join(machine.root, 'var/lib/vedette-agent/camera.mp4'), EVERYBODY)
  await machine.write('var/lib/vedette-agent/agent.yaml', agentYaml('info'))
  await machine.call('chown vedette-agent: /var/lib/vedette-agent/*')
  await start(machine, 'vedette-agent', figures)
}

async function start(machine: Machine, unit: string, figures: TrialFigures) {
  const began = performance.now()
  await machine.call(`systemctl enable --now ${unit}.service`)
  figures[`${unit} startMs`] = Math.round(performance.now() - began)
}

async function alert(machine: Machine, figures: TrialFigures) {
  await machine.call(
    `vedette enroll /packages/wanted.jpg --name '${WANTED.name}' --face ${WANTED.face}`,
  )
  figures.alertMs = await machine.until('vedette --json alerts list', /Erin Sample/, 60_000)
  tell(`an alert after ${figures.alertMs} ms`)
}

/** A process that stands still is killed and started anew. */
async function hang(machine: Machine, unit: string, figures: TrialFigures) {
  tell(`stopping the clockwork of ${unit}`)
  await machine.call(`systemctl kill --signal=STOP --kill-whom=main ${unit}`)
  const show = `systemctl show ${unit} -p NRestarts,ActiveState,SubState`
  figures[`${unit} hangFoundMs`] = await machine.until(show, /NRestarts=[1-9]/, 60_000)
  figures[`${unit} backMs`] = await machine.until(show, /SubState=running/, 30_000)
  expect(await machine.call(`journalctl -u ${unit}`), /atchdog timeout/, 'the watchdog found it')
}

async function reload(machine: Machine) {
  tell('reloading: a broken configuration, then a good one')
  const yaml = await machine.call('cat /etc/vedette/server.yaml')
  await machine.write('etc/vedette/server.yaml', BROKEN)
  await machine.call('systemctl reload vedette-server')
  const log = 'journalctl -u vedette-server -o cat'
  await machine.until(log, /"config\.refused"/, 10_000)
  await machine.write('etc/vedette/server.yaml', `${yaml}match: { budget: 2 }\n`)
  await machine.call('systemctl reload vedette-server')
  await machine.until(log, /"config\.reloaded"/, 10_000)
  await machine.write('var/lib/vedette-agent/agent.yaml', agentYaml('debug'))
  await machine.call('systemctl reload vedette-agent')
  await machine.until('journalctl -u vedette-agent -o cat', /"config\.reloaded"/, 10_000)
  expect(await machine.call('systemctl is-active vedette-server'), /^active/, 'it goes on')
}

/** An orderly stop is quick, and no failure. */
async function stop(machine: Machine, figures: TrialFigures) {
  const began = performance.now()
  await machine.call('systemctl restart vedette-server')
  figures.restartMs = Math.round(performance.now() - began)
  const result = await machine.call('systemctl show vedette-server -p Result,ExecMainStatus')
  expect(result, /Result=success/, 'it ended well')
}

/** The same packages under a higher number: what dpkg does with data does not depend on the program. */
async function upgrade(machine: Machine, debs: readonly Deb[], figures: TrialFigures) {
  tell('upgrading')
  const before = await machine.call('vedette --json entries list')
  const pids = await machine.call('systemctl show vedette-server vedette-agent -p MainPID')
  for (const { file, version } of debs) {
    const name = basename(file)
    await machine.call(
      `cd /packages; rm -rf next; dpkg-deb -R ${name} next
       sed -i 's/^Version: .*/Version: ${version}+next/' next/DEBIAN/control
       dpkg-deb --root-owner-group -Zzstd -z1 -b next next-${name} >/dev/null; rm -rf next`,
    )
  }
  const began = performance.now()
  await machine.call('dpkg --install /packages/next-*.deb')
  figures.upgradeMs = Math.round(performance.now() - began)
  const after = await machine.call('systemctl show vedette-server vedette-agent -p MainPID')
  expect(after === pids ? 'the same' : 'new', /new/, 'the new program runs')
  await machine.until('vedette --json entries list', new RegExp(WANTED.name), 20_000)
  const entries = await machine.call('vedette --json entries list')
  expect(entries === before ? 'kept' : entries, /^kept$/, 'the list is as it was')
  expect(await machine.call('vedette --json alerts list'), /Erin Sample/, 'alerts are kept')
  expect(await machine.call('cat /etc/vedette/server.yaml'), /budget: 2/, 'configuration is kept')
}

async function purge(machine: Machine, figures: TrialFigures) {
  tell('removing, then purging')
  await machine.call('dpkg --remove vedette-server vedette-agent')
  const kept = await machine.call(
    'ls /var/lib/vedette /etc/vedette; for p in /proc/[0-9]*; do readlink $p/exe || true; done',
  )
  expect(kept, /wanted\.db|data/, 'removing keeps data')
  expect(kept, /server\.yaml/, 'removing keeps configuration')
  expect(kept, /^(?![\s\S]*usr\/lib\/vedette)/, 'nothing of it runs any more')
  await machine.call('dpkg --purge vedette-server vedette-agent')
  const left = (await files(machine)).filter(
    (path) => !/^\/(packages|var\/log|var\/cache|tmp)/.test(path),
  )
  const ours = left.filter((path) => /vedette/i.test(path) && !path.startsWith('/var/lib/dpkg'))
  expect(ours.join('\n'), /^$/, 'purging leaves nothing')
  const users = await machine.call('getent passwd vedette vedette-agent || echo none')
  expect(users, /^none$/m, 'nor its users')
  figures.filesLeft = ours.length
}

async function files(machine: Machine): Promise<string[]> {
  const text = await run('find', [machine.root, '-xdev', '-not', '-type', 'd'])
  return text.split('\n').flatMap((path) => (path ? path.slice(machine.root.length) : []))
}

function expect(said: string, pattern: RegExp, what: string): void {
  if (!pattern.test(said)) throw new Error(`not so: ${what}. It says: ${said.slice(-2000)}`)
}
