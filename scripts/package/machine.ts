import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { run, tell } from './run.ts'

const CGROUP = '/sys/fs/cgroup'

/** What a machine's file systems look like before its first process runs. */
const MOUNTS = `
mount --make-rprivate /
mount --bind "$R" "$R"
mount -t proc proc "$R/proc"
mount -t tmpfs tmpfs "$R/run"
mount -t tmpfs tmpfs "$R/tmp"
mount -t tmpfs -o mode=755 tmpfs "$R/dev"
for n in null zero full random urandom tty; do touch "$R/dev/$n"; mount --bind "/dev/$n" "$R/dev/$n"; done
mkdir "$R/dev/shm" "$R/dev/pts"; mount -t tmpfs tmpfs "$R/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$R/dev/pts"
ln -s pts/ptmx "$R/dev/ptmx"; ln -s /proc/self/fd "$R/dev/fd"; ln -s /proc/self/fd/0 "$R/dev/stdin"
`

/** A Debian of its own: first a folder, then a machine with namespaces, a network and systemd of its own. */
export class Machine {
  readonly root: string
  #init: ChildProcess | undefined
  #pid = 0

  private constructor(root: string) {
    this.root = root
  }

  /** Makes it with debootstrap, from where this machine's own packages come from. */
  static async make(cache: string): Promise<Machine> {
    const format = '$' + '(SITE) $' + '(CODENAME)'
    const targets = await run('apt-get', [
      'indextargets',
      '--format',
      format,
      'Created-By: Packages',
    ])
    const mirror = targets.split('\n').find((line) => /^\S+ [a-z]+$/.test(line))
    if (mirror === undefined) throw new Error('apt knows no mirror of Debian here')
    const [site, codename] = mirror.split(' ') as [string, string]
    const base = join(cache, `debian-${codename}.tar`)
    const root = join(cache, 'machine')
    await rm(root, { recursive: true, force: true })
    await mkdir(root, { recursive: true })
    if ((await readFile(base).catch(() => undefined)) === undefined) {
      tell(`making a Debian ${codename} with debootstrap`)
      await run('debootstrap', ['--variant=minbase', codename, root, site])
      await run('tar', ['-cf', `${base}.part`, '-C', root, '.'])
      await run('mv', [`${base}.part`, base])
    } else {
      await run('tar', ['-xf', base, '-C', root])
    }
    await copyFile('/etc/resolv.conf', join(root, 'etc', 'resolv.conf'))
    return new Machine(root)
  }

  /** Runs a command before there is a machine, with this machine's network: apt needs one. */
  install(command: string): Promise<string> {
    const script = `${MOUNTS} exec chroot "$R" sh -ec "$COMMAND"`
    const env = { R: this.root, COMMAND: command, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
    return run('unshare', ['--mount', '--pid', '--fork', 'sh', '-ec', script], { env })
  }

  /** Starts systemd; resolves when the machine is up. Nothing of it reaches beyond its namespaces. */
  async boot(): Promise<void> {
    const unified = (await readFile('/proc/mounts', 'utf8')).includes(`${CGROUP}/unified cgroup2`)
    const group = join(unified ? `${CGROUP}/unified` : CGROUP, `vedette-trial-${process.pid}`)
    const script = `
mkdir -p ${group}; echo $$ > ${group}/cgroup.procs
exec unshare --mount --pid --fork --cgroup --uts --ipc --net --kill-child sh -ec '
ip link set lo up
${MOUNTS}
mount -t sysfs -o ro sysfs "$R/sys"; mount -t cgroup2 cgroup2 "$R/sys/fs/cgroup"
cd "$R"; mkdir .outside; pivot_root . .outside; umount -l /.outside; rmdir /.outside
# systemd hands credentials over through mounts that its own namespace must see.
mount --make-rshared /
exec env -i container=trial PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=multi-user.target'`
    this.#init = spawn('sh', ['-ec', script], {
      stdio: 'ignore',
      env: { ...process.env, R: this.root },
    })
    for (let tries = 0; tries < 150; tries++) {
      await wait(200)
      this.#pid ||= await childOf(this.#init.pid)
      const state = await this.call('systemctl is-system-running || true').catch(() => '')
      if (/^(running|degraded)/.test(state)) return
    }
    throw new Error('systemd did not come up in namespaces of its own on this machine')
  }

  /** Runs a command on the machine that runs; gives what it printed. */
  call(command: string): Promise<string> {
    const all = ['-m', '-u', '-i', '-n', '-p', '-C', '-r', '-w']
    const env = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C', 'HOME=/root']
    const args = ['-t', String(this.#pid), ...all, ...env, 'sh', '-ec', `cd /; ${command}`]
    return run('nsenter', args)
  }

  /** Asks until `command` prints something that matches; gives how long that took, milliseconds. */
  async until(command: string, pattern: RegExp, patience: number): Promise<number> {
    const began = performance.now()
    let said = ''
    while (performance.now() - began < patience) {
      said = await this.call(command).catch((error: Error) => error.message)
      if (pattern.test(said)) return Math.round(performance.now() - began)
      await wait(100)
    }
    throw new Error(`${command} never said ${pattern}, at last: ${said.slice(-2000)}`)
  }

  write(path: string, text: string, mode = 0o644): Promise<void> {
    return writeFile(join(this.root, path), text, { mode })
  }

  /** Ends it with all that runs in it, and takes its folder away. */
  async [Symbol.asyncDispose](): Promise<void> {
    const init = this.#init
    if (init !== undefined && init.exitCode === null) {
      const gone = once(init, 'exit')
      init.kill('SIGKILL')
      await gone
      await wait(300)
    }
    await rm(this.root, { recursive: true, force: true })
  }
}

/** The first process in the namespaces that process `pid`, an unshare, has made. */
async function childOf(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return Number(text.trim().split(' ')[0] ?? 0)
}
