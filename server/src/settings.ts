import { liveChanges } from '@vedette/shared/config-changes'
import type { ServerConfig } from './config.ts'

/** What a running server takes over from server.yaml. */
const LIVE = ['log', 'match', 'gate.announce', 'enrolment', 'live']

/** The configuration as it is now. Whoever uses what can change reads it each time anew. */
export class Settings {
  #config: ServerConfig

  constructor(config: ServerConfig) {
    this.#config = config
  }

  get match(): ServerConfig['match'] {
    return this.#config.match
  }

  get enrolment(): ServerConfig['enrolment'] {
    return this.#config.enrolment
  }

  get live(): ServerConfig['live'] {
    return this.#config.live
  }

  get past(): ServerConfig['past'] {
    return this.#config.past
  }

  get models(): ServerConfig['models'] {
    return this.#config.models
  }

  get search(): ServerConfig['search'] {
    return this.#config.search
  }

  /** The names of what differs. Throws ConfigFault `config.fixed` where `next` asks for more than can change now. */
  check(next: ServerConfig): string[] {
    return liveChanges(this.#config, next, LIVE)
  }

  /** From here on it is `next`, which was checked. */
  adopt(next: ServerConfig): void {
    this.#config = next
  }
}
