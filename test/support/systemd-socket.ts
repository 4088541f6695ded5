import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** Prints every datagram that comes as a line; Perl, as Node has no such sockets. */
const RECEIVER = `
use Socket; $| = 1;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; bind($s, pack_sockaddr_un($ARGV[0])) or die;
print "bound\\n";
while (defined recv($s, my $b, 4096, 0)) { $b =~ s/\\n/ | /g; print "$b\\n"; }`

/** The socket on which systemd would listen to a service. */
export class NotifySocket {
  readonly path: string
  /** What was said; words of one message are joined by ` | `. */
  readonly heard: string[] = []
  readonly #folder: string
  readonly #child: ChildProcessByStdio<null, Readable, null>
  readonly #news = new EventEmitter()

  private constructor(folder: string) {
    this.#folder = folder
    this.path = join(folder, 'notify')
    this.#child = spawn('perl', ['-e', RECEIVER, this.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface(this.#child.stdout).on('line', (line) => {
      // systemd-notify waits until what it said was taken; that is no word of the service's.
      if (line !== 'BARRIER=1') this.heard.push(line)
      this.#news.emit('line')
    })
  }

  static async open(): Promise<NotifySocket> {
    const socket = new NotifySocket(await mkdtemp(join(tmpdir(), 'vedette-notify-')))
    await socket.word('bound')
    socket.heard.length = 0
    return socket
  }

  /** The first message that has `part`, waiting for it. */
  async word(part: string): Promise<string> {
    for (;;) {
      const found = this.heard.find((line) => line.includes(part))
      if (found !== undefined) return found
      await once(this.#news, 'line')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
    await rm(this.#folder, { recursive: true, force: true })
  }
}
