import { access, readlink } from 'node:fs/promises'
import type { Needs } from './ffmpeg-input.ts'

/** What ffmpeg's own libraries are loaded from; nothing else of the system is there for it. */
const LIBRARIES = ['/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/local/lib', '/lib', '/lib64']
const LINKING = ['/etc/ld.so.cache', '/etc/alternatives']
/** What it takes to find the address of a name. */
const NAMES = [
  ...['/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/host.conf', '/etc/gai.conf'],
  '/run/avahi-daemon/socket',
]

/** Arguments that put this machine's libraries where they belong in a jail. */
export async function librariesHere(): Promise<string[]> {
  const args: string[] = []
  for (const folder of LIBRARIES) {
    const link = await readlink(folder).catch(() => undefined)
    const there =
      link !== undefined ||
      (await access(folder).then(
        () => true,
        () => false,
      ))
    if (link !== undefined) args.push('--symlink', link, folder)
    else if (there) args.push('--ro-bind', folder, folder)
  }
  return [...args, ...bound('--ro-bind-try', LINKING)]
}

/**
 * Arguments by which bubblewrap runs `program` and nothing else: nobody's rights, no file but those
 * that it needs, no processes but its own, and no network unless it needs that. It dies with us.
 */
export function jailArguments(
  program: string,
  { network, files, devices }: Needs,
  libraries: readonly string[],
): string[] {
  return [
    ...['--unshare-user', '--uid', '65534', '--gid', '65534', '--cap-drop', 'ALL'],
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--hostname', 'camera', '--die-with-parent', '--new-session'],
    ...(network ? bound('--ro-bind-try', NAMES) : ['--unshare-net']),
    ...libraries,
    ...bound('--dev-bind', ['/dev/null', '/dev/urandom']),
    ...bound('--ro-bind', [program, ...files]),
    ...bound('--dev-bind', devices),
    ...['--', program],
  ]
}

function bound(how: string, paths: readonly string[]): string[] {
  return paths.flatMap((path) => [how, path, path])
}
