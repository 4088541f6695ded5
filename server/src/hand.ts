/** Whose hand it was: who did something, from which address, and why, where a reason was given. */
export type Hand = {
  /** An operator's name, `agent:NAME` or `server`. */
  by: string
  /** An address without its port, or `server`. */
  from: string
  why: string | null
}

/** What the server does by itself. */
export const SERVER_HAND: Hand = { by: 'server', from: 'server', why: null }

/** What an agent does or has done to it, welcomed from `address`. */
export function agentHand(name: string, address: string): Hand {
  return { by: `agent:${name}`, from: withoutPort(address), why: null }
}

/** The host of `HOST:PORT`. */
export function withoutPort(address: string): string {
  return address.replace(/:\d+$/, '')
}
