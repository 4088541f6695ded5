import { execFile } from 'node:child_process'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'

const PATIENCE_MS = 5000

export type NotifierOptions = {
  /** $NOTIFY_SOCKET; without one nobody asked, and nothing is said. */
  socket: string | undefined
  log: Log
  /** Says it for us: Node has no datagram sockets with names in the file system. */
  program?: string
}

/** Tells systemd how the daemon does, one word after the other. Never throws: it is only told. */
export class Notifier {
  readonly #options: NotifierOptions
  #last: Promise<void> = Promise.resolve()
  #silent = false

  constructor(options: NotifierOptions) {
    this.#options = options
  }

  /** It serves; `status` is one line for `systemctl status`. */
  ready(status: string): Promise<void> {
    return this.#say('READY=1', `STATUS=${status}`)
  }

  reloading(): Promise<void> {
    return this.#say('RELOADING=1', 'STATUS=reading its configuration again')
  }

  stopping(): Promise<void> {
    return this.#say('STOPPING=1', 'STATUS=stopping')
  }

  /** All is well; silence for WatchdogSec ends the daemon. */
  alive(status: string): Promise<void> {
    return this.#say('WATCHDOG=1', `STATUS=${status}`)
  }

  /** All is not well; this does not feed the watchdog. */
  ill(why: string): Promise<void> {
    return this.#say(`STATUS=not well: ${why}`)
  }

  #say(...words: string[]): Promise<void> {
    if (this.#options.socket === undefined) return this.#last
    this.#last = this.#last.then(() => this.#send(words.map((word) => word.replaceAll('\n', ' '))))
    return this.#last
  }

  #send(words: string[]): Promise<void> {
    const { socket, log, program = 'systemd-notify' } = this.#options
    const env = { PATH: '/usr/bin:/bin', NOTIFY_SOCKET: socket }
    return new Promise((resolve) => {
      execFile(program, words, { env, timeout: PATIENCE_MS }, (error) => {
        if (error !== null && !this.#silent) {
          this.#silent = true
          log.warn({ code: 'notify.failed', message: messageOf(error) }, 'systemd.unreachable')
        }
        resolve()
      })
    })
  }
}
